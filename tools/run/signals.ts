import { constants } from "node:os";

import { Interrupted } from "./local-error.ts";

/** Aborts, with `Interrupted` as its reason, when the person or the machine asks this process to end. */
export function endRequested(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      controller.abort(new Interrupted(128 + constants.signals[signal]));
    });
  }
  return controller.signal;
}

/** Resolves when a signal aborts. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => {
        resolve();
      });
    });
  }
}
