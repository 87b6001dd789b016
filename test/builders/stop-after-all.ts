import { afterAll } from "@jest/globals";

type Stop = () => Promise<void> | void;

/**
 * Returns a function that registers how to stop what a test file has started. After all tests, everything that
 * was registered is stopped in the reverse order, even if a later start has failed: the next test files run in
 * the same process.
 */
export function stopAfterAll(): (stop: Stop) => void {
  const stops: Stop[] = [];
  afterAll(async () => {
    for (const stop of stops.toReversed()) {
      await stop();
    }
  });
  return (stop) => {
    stops.push(stop);
  };
}
