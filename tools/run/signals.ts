import { once } from "node:events";
import { constants } from "node:os";

import { EndRequestedError } from "./local-error.ts";

/** Returns a signal that aborts with `Interrupted` on SIGINT, SIGTERM or SIGHUP. */
export function createEndSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      controller.abort(new EndRequestedError(128 + constants.signals[signal]));
    });
  }
  return controller.signal;
}

/** Resolves when a signal aborts. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await once(signal, "abort");
  }
}
