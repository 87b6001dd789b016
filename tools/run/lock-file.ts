import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { localFolder } from "./paths.ts";
import { identityOf } from "./process-identity.ts";

/** Who has the local cloud of this checkout up, or is about to. */
export const cloudClaim = join(localFolder, "pid");

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Whether whoever wrote this is still there, and not only another process of the same number. */
function isHeld(text: string): boolean {
  return identityOf(Number.parseInt(text, 10)) === text;
}

/** The process that has a claim; none if it ended without giving it back. */
export function claimantOf(file: string): number | undefined {
  const text = read(file);
  return text !== undefined && isHeld(text) ? Number.parseInt(text, 10) : undefined;
}

/** Takes away what a process left that is gone. Two may find it at once, and one of them be late. */
function removeLeftOver(file: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    if (isHeld(read(aside) ?? "")) {
      linkSync(aside, file);
    }
  } catch {
    // Somebody else was faster; whoever asks looks again.
  }
  rmSync(aside, { force: true });
}

/**
 * Makes this process the one that has the claim, if no other has it.
 *
 * @returns what gives it back, or undefined when another process has it.
 */
export function claim(file: string): (() => void) | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${file}.${randomUUID()}`;
  // Linked to its name when it is whole, so that nobody reads half of it.
  writeFileSync(mine, identityOf(process.pid) ?? "");
  try {
    if (read(file) !== undefined && claimantOf(file) === undefined) {
      removeLeftOver(file);
    }
    linkSync(mine, file);
    return () => {
      rmSync(file, { force: true });
    };
  } catch {
    return undefined;
  } finally {
    rmSync(mine, { force: true });
  }
}
