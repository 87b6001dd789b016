import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Positions in `/proc/PID/stat`, counted from the field after the process name. */
const STATE = 0;
const START_TIME = 19;

function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may contain spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie: ended, but not yet collected by its parent.
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
 * Returns the identity of a process, which a later process with the same ID does not share: its ID and start
 * time.
 *
 * @returns undefined if the process does not run.
 */
export function identityOf(pid: number): string | undefined {
  const start = process.platform === "linux" ? startOnLinux(pid) : startElsewhere(pid);
  return start === undefined ? undefined : `${pid} ${start}`;
}
