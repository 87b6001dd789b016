import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";

import { afterEach, beforeEach } from "@jest/globals";
import { type SinonFakeTimers, useFakeTimers } from "sinon";

/**
 * Skips the pauses in a file's tests: a pause of the code under test (`setTimeout` of `node:timers/promises`)
 * ends at once and moves the clock by its duration. Without a pause, the clock stands still. Timers of the AWS
 * SDK and of Node.js are real.
 */
export function skipPauses(): void {
  const { setTimeout: pause } = timers;
  let clock: SinonFakeTimers;

  beforeEach(() => {
    clock = useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    timers.setTimeout = async (milliseconds = 0, value, options) => {
      clock.tick(milliseconds);
      return await pause(0, value, options);
    };
    syncBuiltinESMExports();
  });

  afterEach(() => {
    clock.restore();
    timers.setTimeout = pause;
    syncBuiltinESMExports();
  });
}
