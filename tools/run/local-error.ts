/** An error that the user can fix. The message contains the next step and is printed without a stack trace. */
export class LocalError extends Error {
  override readonly name = "LocalError";
}

/** A signal requested the process to end. */
export class EndRequestedError extends Error {
  override readonly name = "Interrupted";
  /** As in a shell: 128 plus the signal's number. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("Interrupted.");
    this.exitCode = exitCode;
  }
}

/**
 * Returns the interruption that caused an error. The timers of Node.js reject with an error whose cause is
 * the reason.
 */
function interruptionOf(error: unknown): EndRequestedError | undefined {
  const reasons = error instanceof Error ? [error, error.cause] : [];
  return reasons.find((reason) => reason instanceof EndRequestedError);
}

/**
 * Runs a program of the local cloud, then ends the process. A `LocalError` is printed as its message, any other
 * error with its stack trace; both end with exit code 1.
 *
 * @param program returns the exit code.
 */
export async function runProgram(program: () => Promise<number>): Promise<never> {
  try {
    process.exit(await program());
  } catch (error) {
    const interruption = interruptionOf(error);
    if (interruption) {
      console.error("\nInterrupted. No process is left running.");
      process.exit(interruption.exitCode);
    }
    console.error(error instanceof LocalError ? `\n${error.message}` : error);
    process.exit(1);
  }
}
