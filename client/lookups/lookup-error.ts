/** Thrown for an invalid argument, a table that cannot be found or read, or a timeout. */
export class LookupError extends Error {
  override readonly name: string = "LookupError";
}

/** Thrown for a stored item that this version of the reader cannot parse. */
export class UnreadableAgentError extends LookupError {
  override readonly name = "UnreadableAgentError";
  readonly accountId: string;
  readonly availabilityId: string;
  /** Path within the item, such as `status.id`. */
  readonly path: string;

  constructor(
    key: { readonly accountId: string; readonly availabilityId: string },
    path: string,
    cause: Error,
  ) {
    super(
      `agent ${key.availabilityId} of account ${key.accountId} could not be parsed: ${cause.message}. Update the agent-availability-hub package.`,
      { cause },
    );
    this.accountId = key.accountId;
    this.availabilityId = key.availabilityId;
    this.path = path;
  }
}
