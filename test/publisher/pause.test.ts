import { expect, it } from "@jest/globals";

import { pause } from "../../functions/publisher/pause.ts";

it("waits for the given time", async () => {
  const start = performance.now();

  await pause(50, new AbortController().signal);

  // Timers may fire up to a millisecond early.
  expect(performance.now() - start).toBeGreaterThanOrEqual(49);
});

it("returns immediately if the signal is aborted before or during the pause", async () => {
  const controller = new AbortController();
  const day = 86_400_000;

  await pause(day, AbortSignal.abort());
  const waiting = pause(day, controller.signal);
  controller.abort();

  await expect(waiting).resolves.toBeUndefined();
});
