import { afterEach, beforeEach } from "@jest/globals";
import { type SinonFakeTimers, useFakeTimers } from "sinon";

/** Stops the date at a time for each test of the file. Timers run: requests and responses take real time. */
export function atDate(time: string): void {
  let clock: SinonFakeTimers;
  beforeEach(() => {
    clock = useFakeTimers({ now: new Date(time), toFake: ["Date"] });
  });
  afterEach(() => {
    clock.restore();
  });
}
