import { setTimeout as sleep } from "node:timers/promises";

/** Far longer than anything takes, even on a busy machine: only a fault reaches it. */
const TIMEOUT_MS = 300_000;
const POLL_INTERVAL_MS = 100;

/**
 * Calls a function until it finds something, and returns that.
 *
 * @param find returns `undefined` or `false` to be called again.
 * @param expectation completes the sentence "Timed out waiting for …". A function is called after the timeout.
 * @throws Error if nothing is found within 5 minutes.
 */
export async function eventually<Found>(
  expectation: string | (() => string),
  find: () => Promise<Found | undefined | false> | Found | undefined | false,
): Promise<Found> {
  for (const deadline = Date.now() + TIMEOUT_MS; ; await sleep(POLL_INTERVAL_MS)) {
    const found = await find();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (Date.now() > deadline) {
      const text = typeof expectation === "string" ? expectation : expectation();
      throw new Error(`Timed out waiting for ${text}`);
    }
  }
}
