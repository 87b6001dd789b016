/** The event cannot be handled now: it has to come again, as Lambda and SQS let it when the function fails. */
export class AgentBusyError extends Error {
  override readonly name = "AgentBusyError";

  constructor(id: string, waitedMs: number) {
    super(
      `${id} has waited ${waitedMs} ms for another event of the same agent that is being handled; it is left to come again`,
    );
  }
}

/** The handler ran for longer than its claim held, so that another may have handled the event beside it. */
export class ClaimLostError extends Error {
  override readonly name = "ClaimLostError";

  constructor(id: string, cause: Error) {
    super(
      `${id} was handled for longer than the function had time when it began; another may have handled it beside this one`,
      { cause },
    );
  }
}

/** Settings that cannot be. The message says what was got, and what is allowed. */
export class OnceError extends Error {
  override readonly name = "OnceError";
}
