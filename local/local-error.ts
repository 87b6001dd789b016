/** Something that the person at the terminal can mend. Its message is a sentence for that person. */
export class LocalError extends Error {
  override readonly name = "LocalError";
}

/** Runs a program of the local cloud: what a person can mend ends in its sentence, and in exit code 1. */
export async function runProgram(program: () => Promise<void>): Promise<void> {
  try {
    await program();
  } catch (error) {
    if (!(error instanceof LocalError)) {
      throw error;
    }
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}
