import { type ChildProcess, spawn } from "node:child_process";

/** Exit code and output of a program. */
export interface CommandResult {
  /** `null` if a signal ended it. */
  readonly code: number | null;
  /** Standard output and standard error, interleaved. */
  readonly output: string;
}

interface CommandOptions {
  readonly cwd?: string;
  /** @default - the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program and the processes that it started. */
  readonly signal?: AbortSignal | undefined;
}

/** Ends a process group by its leader. */
export function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) {
      process.kill(-pid, "SIGKILL");
    }
  } catch {
    // The group has already ended.
  }
}

/**
 * Runs a program in a process group of its own, and waits until it ends. Ctrl-C reaches it, and the processes
 * that it started, through the signal.
 *
 * @throws the signal's reason if it aborts, and the system's error if the program cannot be run.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { signal, cwd, env = process.env }: CommandOptions = {},
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
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

/** Returns the last lines of a program's output, which show why it failed. */
export function lastLines(output: string, count = 15): string {
  return output.trimEnd().split("\n").slice(-count).join("\n");
}
