/** A failure that the operator can fix. Its message is one line for that operator. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Further lines, such as a list of choices. */
  readonly details: readonly string[];

  constructor(message: string, options: ErrorOptions & { readonly details?: string[] } = {}) {
    super(message, options);
    this.details = options.details ?? [];
  }
}
