import { spawn } from "node:child_process";

/** What a program said and how it ended. */
export interface Ended {
  readonly code: number | null;
  /** Standard output and error, as they came. */
  readonly output: string;
}

interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the program when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program to its end. Rejects only when it cannot be started, or is ended by the signal. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  child.on("error", reject);
  child.on("close", (code) => {
    resolve({ code, output });
  });
  return await promise;
}

/** The end of what a program said: enough to see why it failed. */
export function lastLines(output: string, count = 15): string {
  return output.trimEnd().split("\n").slice(-count).join("\n");
}
