import { afterEach, beforeEach, jest } from "@jest/globals";

/** Lets the tests of a file run at a date. Timers are real, since requests and responses take real time. */
export function atDate(now: string): void {
  beforeEach(() => {
    jest.useFakeTimers({
      now: new Date(now),
      doNotFake: [
        "hrtime",
        "nextTick",
        "performance",
        "queueMicrotask",
        "setImmediate",
        "clearImmediate",
        "setInterval",
        "clearInterval",
        "setTimeout",
        "clearTimeout",
      ],
    });
  });

  afterEach(() => {
    jest.useRealTimers();
  });
}
