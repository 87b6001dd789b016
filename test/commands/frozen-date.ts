import { afterEach, beforeEach } from "@jest/globals";
import { type SinonFakeTimers, useFakeTimers } from "sinon";

/**
 * Freezes the date at the given time in each test of the file. Timers still run, because requests take real
 * time.
 */
export function atDate(time: string): void {
  let clock: SinonFakeTimers;
  beforeEach(() => {
    clock = useFakeTimers({ now: new Date(time), toFake: ["Date"] });
  });
  afterEach(() => {
    clock.restore();
  });
}
