import type { DetailOf, DetailType } from "./catalogue.ts";
import type { EventMetadata } from "./event-metadata.ts";
import type { StoredItem } from "./state.ts";

/** `source` of every event on the bus. */
export const SOURCE = "freshworks.agent-availability";

export type SupervisionType = "Agent Status Overrun" | "Channel Coverage Changed";

/** A typed event before it is sent: its detail without `publishedAt`. */
type UnsentEvent<Types extends DetailType> = {
  readonly [Type in Types]: {
    readonly detailType: Type;
    readonly detail: Omit<DetailOf<Type>, "metadata"> & {
      readonly metadata: EventMetadata;
    };
  };
}[Types];

export type AvailabilityEvent = UnsentEvent<Exclude<DetailType, SupervisionType>>;

/** An event that supervision derives from the table and the time. */
export type SupervisionEvent<Type extends SupervisionType = SupervisionType> = UnsentEvent<Type>;

/** One write of an agent's item: its old and new image, and the time of the stream record. */
export interface Transition {
  readonly before: StoredItem | undefined;
  readonly after: StoredItem | undefined;
  /** ISO 8601 UTC. */
  readonly recordedAt: string;
  /** Whether the name or email address differs, if both images omit them. */
  readonly profileChanged?: boolean;
}

/** The stage settings that affect events. */
export interface EventOptions {
  /** Whether events include names and email addresses. */
  readonly personalData: boolean;
}
