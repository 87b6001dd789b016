/** The content of one request, with every attempt to send it. */
export interface Delivery {
  /** `webhook-id`, the same in every attempt. */
  readonly id: string;
  readonly payloads: readonly object[];
  /** Whether the payloads are sent as a batch, as the relay sends parked events. */
  readonly isBatch: boolean;
  readonly attempts: Attempt[];
}

/** One attempt to send a delivery. */
export interface Attempt {
  /** HTTP status; 0 if there was no response. */
  readonly status: number;
  /** Time until the response. */
  readonly milliseconds: number;
  /** Results in the response, in the order of the payloads. Empty unless the status is 200. */
  readonly results: readonly Result[];
}

/** The hub's result for one event. */
export interface Result {
  readonly outcome: string;
  readonly version: number;
}
