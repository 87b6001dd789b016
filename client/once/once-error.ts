/** Thrown if an event has to be delivered again because another event of its agent is being processed. */
export class AgentBusyError extends Error {
  override readonly name = "AgentBusyError";

  constructor(eventId: string, waitedMs: number) {
    super(
      `event ${eventId} was not processed: another event of its agent was still being processed after ${waitedMs} ms. Lambda or the queue delivers the event again.`,
    );
  }
}

/** Thrown if the lease of a processed event was lost, so that another invocation may process the event too. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";

  constructor(eventId: string) {
    super(
      `event ${eventId} was processed but could not be recorded: another invocation acquired its lease, or the lease's item was deleted. The event may be processed twice. Check the handler's side effects.`,
    );
  }
}

/** Thrown if the options are invalid, or the input is not a single event. */
export class OnceError extends Error {
  override readonly name = "OnceError";
}
