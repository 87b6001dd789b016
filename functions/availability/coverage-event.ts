import type { DetailOf } from "./catalogue.ts";
import { coverageIdOf, supervisionMetadata } from "./event-metadata.ts";
import type { SupervisionEvent } from "./typed-event.ts";

/** A change of a channel's coverage, and its position among all changes of that channel in the account. */
export interface CoverageChange extends Omit<DetailOf<"Channel Coverage Changed">, "metadata"> {
  /** When the channel's coverage was first evaluated, in epoch milliseconds. */
  readonly epoch: number;
  /** 1, 2, 3 ... */
  readonly version: number;
}

export function coverageEvent({
  epoch,
  version,
  ...detail
}: CoverageChange): SupervisionEvent<"Channel Coverage Changed"> {
  const id = coverageIdOf({ ...detail, version });
  const metadata = supervisionMetadata({ id, epoch, version, occurredAt: detail.since });
  return { detailType: "Channel Coverage Changed", detail: { metadata, ...detail } };
}
