import { LookupError } from "../client/lookups/agent-lookup.ts";
import { awsFailure } from "./aws-failure.ts";
import { CommandError } from "./command-error.ts";
import { HelpAsked } from "./command-line.ts";

function sentenceOf(error: unknown): string | undefined {
  if (error instanceof CommandError) {
    return [error.message, ...error.details].join("\n");
  }
  return error instanceof LookupError ? error.message : awsFailure(error);
}

/**
 * Runs a command; what a person can mend ends it with a sentence and exit code 1, a defect with its stack.
 * Who asks for the usage gets it as an answer.
 */
export async function tellFailure(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof HelpAsked) {
      console.log(error.message);
      return;
    }
    const sentence = sentenceOf(error);
    if (sentence === undefined) {
      throw error;
    }
    console.error(sentence);
    process.exitCode = 1;
  }
}
