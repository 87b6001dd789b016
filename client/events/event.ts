import type { DetailOf, DetailType } from "../../functions/availability/catalogue.ts";
import type { SOURCE } from "../../functions/availability/events.ts";

/** What EventBridge puts round a `detail`. */
export interface Envelope {
  /** Of the envelope's own form: `0`. */
  readonly version: string;
  /** EventBridge's id of this delivery. To recognise repeats by, take `detail.metadata.id`. */
  readonly id: string;
  readonly source: typeof SOURCE;
  /** The AWS account of the bus. */
  readonly account: string;
  /** `detail.metadata.publishedAt`, to the second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  /** There only when the event comes from an archive: the replay that brought it. */
  readonly "replay-name"?: string | undefined;
}

/** An event of one detail type, as a rule's target receives it. */
export interface EventOf<Type extends DetailType> extends Envelope {
  readonly "detail-type": Type;
  readonly detail: DetailOf<Type>;
}

/**
 * Any event of the hub. `detail-type` tells them apart: a `switch` over it narrows `detail`, and one that
 * returns in each case does not compile when it forgets a type.
 */
export type AgentAvailabilityEvent = { [Type in DetailType]: EventOf<Type> }[DetailType];
