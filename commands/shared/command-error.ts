interface CommandErrorOptions extends ErrorOptions {
  readonly details?: readonly string[];
  readonly exitCode?: number;
}

/** A failure that the operator can fix. Its message is one line for that operator. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Further lines, such as a list of choices. */
  readonly details: readonly string[];
  /** The exit code of the process. @default 1 */
  readonly exitCode: number;

  constructor(message: string, { details, exitCode, ...options }: CommandErrorOptions = {}) {
    super(message, options);
    this.details = details ?? [];
    this.exitCode = exitCode ?? 1;
  }
}
