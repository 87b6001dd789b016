import { type ChildProcess, spawn } from "node:child_process";

/** What a program said and how it ended. */
export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  /** Standard output and error, as they came. */
  readonly output: string;
}

interface CommandOptions {
  readonly cwd?: string;
  /** @default - that of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program, and all that it started, when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Ends a process that leads a group, and whoever else is in that group. */
export function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) {
      process.kill(-pid, "SIGKILL");
    }
  } catch {
    // Nobody is left: what was asked for.
  }
}

/**
 * Runs a program to its end, in a group of its own: Ctrl-C reaches it through the signal, together with
 * the programs that it runs itself.
 *
 * @throws the signal's reason when that aborts, and the system's error when the program cannot be run.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { signal, cwd, env = process.env }: CommandOptions = {},
): Promise<Ended> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
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
  const end = () => {
    endGroup(child);
  };
  signal?.addEventListener("abort", end);
  try {
    const ended = await promise;
    signal?.throwIfAborted();
    return ended;
  } finally {
    signal?.removeEventListener("abort", end);
  }
}

/** The end of what a program said: enough to see why it failed. */
export function lastLines(output: string, count = 15): string {
  return output.trimEnd().split("\n").slice(-count).join("\n");
}
