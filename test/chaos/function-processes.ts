import { existsSync, readdirSync, readFileSync } from "node:fs";

import { LocalError } from "../../tools/run/local-error.ts";

/** Returns the environment variables of a process. On Linux, only those of one's own processes can be read. */
function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    // The process has just ended or belongs to another user.
    return [];
  }
}

/**
 * Returns the IDs of the processes in which an emulator runs a function.
 *
 * @param port the emulator's port.
 */
export function processesOf(functionName: string, port: string): number[] {
  if (!existsSync("/proc/self/environ")) {
    throw new LocalError(
      "The chaos tests require Linux: they find the functions' processes in /proc.",
    );
  }
  const expected = [`AWS_LAMBDA_FUNCTION_NAME=${functionName}`, `GATEWAY_PORT=${port}`];
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const variables = environmentOf(pid);
      return expected.every((variable) => variables.includes(variable));
    })
    .map(Number);
}
