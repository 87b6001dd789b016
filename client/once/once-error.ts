/** Thrown if an event has to be delivered again because another event of its agent is being processed. */
export class AgentBusyError extends Error {
  override readonly name = "AgentBusyError";

  constructor(eventId: string, waitedMs: number) {
    super(
      `event ${eventId} was not processed: another event of its agent was still being processed after ${waitedMs} ms. Lambda or the queue delivers the event again.`,
    );
  }
}

/** Thrown if the handler ran longer than its lease, so that another invocation may have processed the event too. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";

  constructor(eventId: string) {
    super(
      `event ${eventId} may have been processed twice: its lease expired before the handler ended, and another invocation acquired it. Do not let the handler run longer than the function's timeout.`,
    );
  }
}

/** Thrown if the options are invalid, or the input is not a single event. */
export class OnceError extends Error {
  override readonly name = "OnceError";
}
