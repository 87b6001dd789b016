import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The fields of `/proc/PID/stat` that say how a process is and when it began, from the one after its name on. */
const STATE = 0;
const START_TIME = 19;

function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may hold anything, blanks and brackets included.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Ended, and not yet asked about by its parent.
    return fields[STATE] === "Z" ? undefined : fields[START_TIME];
  } catch {
    return undefined;
  }
}

function startElsewhere(pid: number): string | undefined {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-o", "lstart=", "-p", String(pid)], {
    encoding: "utf8",
  });
  const [state = "Z", ...start] = stdout.trim().split(/\s+/);
  return state.startsWith("Z") || start.length === 0 ? undefined : start.join(" ");
}

/**
 * Tells one process from a later one of the same number.
 *
 * @returns undefined if there is no such process.
 */
export function identityOf(pid: number): string | undefined {
  const start = process.platform === "linux" ? startOnLinux(pid) : startElsewhere(pid);
  return start === undefined ? undefined : `${pid} ${start}`;
}
