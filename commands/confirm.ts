import { createInterface } from "node:readline/promises";

import { CommandError } from "./command-error.ts";

/** Somebody to ask, or nobody. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks before something is destroyed. Questions go to standard error, so that standard output holds
 * answers only.
 *
 * @param yes whether the question is answered already, by `--yes`.
 * @throws CommandError when the answer is no, or there is nobody to ask.
 */
export async function confirm(
  consequence: string,
  yes: boolean,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (yes) {
    return;
  }
  if (input.isTTY !== true) {
    throw new CommandError(
      `${consequence} Nothing was changed: this is no terminal to ask at. Say --yes if it is meant`,
    );
  }
  const asking = createInterface({ input, output });
  // Ended by Ctrl-D or Ctrl-C, there is no answer. What was typed before counts.
  const silence = new Promise<string>((resolve) => {
    asking.once("close", () => {
      setImmediate(resolve, "");
    });
  });
  const answer = await Promise.race([asking.question(`${consequence} Go on? [y/N] `), silence]);
  asking.close();
  if (!/^y(?:es)?$/i.test(answer.trim())) {
    throw new CommandError("nothing was changed");
  }
}
