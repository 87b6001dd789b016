/** A question that was wrong, or cannot be answered here. Its message says what was got and what is allowed. */
export class LookupError extends Error {
  override readonly name: string = "LookupError";
}

/** A stored item that this version of the reader does not understand. Never answered half-filled. */
export class UnreadableAgentError extends LookupError {
  override readonly name = "UnreadableAgentError";
  readonly accountId: string;
  readonly availabilityId: string;
  /** Where in the item: `status.id`. */
  readonly path: string;

  constructor(
    key: { readonly accountId: string; readonly availabilityId: string },
    path: string,
    cause: Error,
  ) {
    super(
      `agent ${key.availabilityId} of account ${key.accountId} is stored in a form that this reader does not understand: ${cause.message}; update agent-availability-hub`,
      { cause },
    );
    this.accountId = key.accountId;
    this.availabilityId = key.availabilityId;
    this.path = path;
  }
}
