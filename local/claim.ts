import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isAlive } from "./cloud.ts";
import { LocalError } from "./local-error.ts";
import { localFolder } from "./paths.ts";

const file = join(localFolder, "pid");

function holder(): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** The process that has a local cloud of this checkout up, or is about to. */
export function claimant(): number | undefined {
  const pid = holder();
  return pid !== undefined && pid > 0 && isAlive(pid) ? pid : undefined;
}

/**
 * Makes this process the one that has the local cloud of this checkout.
 *
 * @returns what gives it back.
 * @throws LocalError when another has it.
 */
export function claim(): () => void {
  const other = claimant();
  if (other !== undefined) {
    throw new LocalError(
      `The local cloud of this checkout is up already (process ${other}). End it with "npm run local:down", or with Ctrl-C where it was started, and try again.`,
    );
  }
  mkdirSync(localFolder, { recursive: true });
  rmSync(file, { force: true });
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
  } catch {
    throw new LocalError(
      "Another command is starting the local cloud of this checkout at this moment. Wait for it.",
    );
  }
  return () => {
    rmSync(file, { force: true });
  };
}
