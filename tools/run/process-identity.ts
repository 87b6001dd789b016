import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Positions in `/proc/PID/stat`, counted from the field after the process name. */
const STATE = 0;
const START_TIME = 19;

function startTimeFromProc(pid: number): string | undefined {
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

function startTimeFromPs(pid: number): string | undefined {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-o", "lstart=", "-p", String(pid)], {
    encoding: "utf8",
  });
  const [state = "Z", ...startTime] = stdout.trim().split(/\s+/);
  return state.startsWith("Z") || startTime.length === 0 ? undefined : startTime.join(" ");
}

/**
 * Returns the identity of a process, which a later process with the same ID does not share: its ID and start
 * time.
 *
 * @returns undefined if the process is not running.
 */
export function identityOf(pid: number): string | undefined {
  const startTime = process.platform === "linux" ? startTimeFromProc(pid) : startTimeFromPs(pid);
  return startTime === undefined ? undefined : `${pid} ${startTime}`;
}
