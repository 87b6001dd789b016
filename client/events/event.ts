import type { DetailOf, DetailType } from "../../functions/availability/catalogue.ts";
import type { SOURCE } from "../../functions/availability/typed-event.ts";

/** The fields that EventBridge adds around a `detail`. */
export interface Envelope {
  /** Version of the envelope's format: `0`. */
  readonly version: string;
  /** EventBridge's ID of the event. A repeated event has another ID here, but the same `detail.metadata.id`. */
  readonly id: string;
  readonly source: typeof SOURCE;
  /** The AWS account of the bus. */
  readonly account: string;
  /** `detail.metadata.publishedAt`, to the second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  /** Name of the replay that sent the event from an archive; otherwise absent. */
  readonly "replay-name"?: string | undefined;
}

/** An event of one detail type, as a rule's target receives it. */
export interface EventOf<Type extends DetailType> extends Envelope {
  readonly "detail-type": Type;
  readonly detail: DetailOf<Type>;
}

/**
 * Any event of the hub. A `switch` over `detail-type` narrows `detail`. A function that returns in each case
 * compiles only if every type has a case.
 */
export type AgentAvailabilityEvent = { [Type in DetailType]: EventOf<Type> }[DetailType];
