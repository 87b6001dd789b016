/** Something that the person at the terminal can mend. Its message is a sentence for that person. */
export class LocalError extends Error {
  override readonly name = "LocalError";
}

/** The person, or the machine, asked for the end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** As a shell counts it: 128 and the signal's number. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("Interrupted.");
    this.exitCode = exitCode;
  }
}

/**
 * Runs a program of the local cloud, and ends the process. What a person can mend ends in its sentence
 * and exit code 1, what nobody expected in its stack.
 *
 * @param program returns the exit code.
 */
export async function runProgram(program: () => Promise<number>): Promise<never> {
  try {
    process.exit(await program());
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error("\nInterrupted: nothing is left running.");
      process.exit(error.exitCode);
    }
    console.error(error instanceof LocalError ? `\n${error.message}` : error);
    process.exit(1);
  }
}
