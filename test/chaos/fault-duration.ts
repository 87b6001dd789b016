import { setTimeout as sleep } from "node:timers/promises";

import type { ActiveFault } from "./fault-proxy/fault-proxy.ts";

const POLL_INTERVAL_MS = 100;

/** On a busy machine, it can take this long until a request reaches the proxy. */
const FIRST_REQUEST_TIMEOUT_MS = 300_000;

/** Waits until a condition is met, or until the timeout for the first request. */
export async function untilOccurred(isMet: () => boolean): Promise<void> {
  for (const deadline = Date.now() + FIRST_REQUEST_TIMEOUT_MS; Date.now() < deadline;) {
    if (isMet()) {
      return;
    }
    await sleep(POLL_INTERVAL_MS);
  }
}

/** Waits for the duration of a fault, and longer if it has not affected a request by then. */
export async function faultDuration(seconds: number, { hits }: ActiveFault): Promise<void> {
  await sleep(seconds * 1000);
  await untilOccurred(() => hits() > 0);
}
