import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { localFolder } from "./paths.ts";
import { identityOf } from "./process-identity.ts";

/** Lock file of the local cloud. Its holder runs this checkout's only cloud. */
export const cloudLockFile = join(localFolder, "pid");

const POLL_INTERVAL_MS = 200;

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Returns whether the process with this identity still runs. A later process with the same ID does not count. */
function isHeldBy(identity: string): boolean {
  return identityOf(Number.parseInt(identity, 10)) === identity;
}

/** Returns the ID of the process that holds a lock, or undefined if none does. */
export function lockHolderOf(file: string): number | undefined {
  const identity = read(file);
  return identity !== undefined && isHeldBy(identity) ? Number.parseInt(identity, 10) : undefined;
}

/** Removes a lock whose holder ended. Another process may have removed and acquired it in the meantime. */
function removeStale(file: string): void {
  const stale = `${file}.${randomUUID()}`;
  try {
    renameSync(file, stale);
    if (isHeldBy(read(stale) ?? "")) {
      linkSync(stale, file);
    }
  } catch {
    // Another process was faster; the caller tries again.
  }
  rmSync(stale, { force: true });
}

/**
 * Acquires a lock for this process.
 *
 * @returns a function that releases it, or undefined if another process holds it.
 */
export function tryLock(file: string): (() => void) | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const own = `${file}.${randomUUID()}`;
  // Linked when complete, so that no process reads half of it.
  writeFileSync(own, identityOf(process.pid) ?? "");
  try {
    if (read(file) !== undefined && lockHolderOf(file) === undefined) {
      removeStale(file);
    }
    linkSync(own, file);
    return () => {
      rmSync(file, { force: true });
    };
  } catch {
    return undefined;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Waits until a lock is free, and acquires it for this process.
 *
 * @returns a function that releases it.
 * @throws the signal's reason if it aborts.
 */
export async function lock(file: string, signal?: AbortSignal): Promise<() => void> {
  for (;;) {
    const release = tryLock(file);
    if (release) {
      return release;
    }
    await sleep(POLL_INTERVAL_MS, undefined, { signal });
  }
}
