import { AsyncLocalStorage } from "node:async_hooks";

const HANDLER_MS = 20_000;

/** Each handler's clock starts with it, and beyond 20 seconds the platform has ended it. */
export function createDeadlines(now: () => number) {
  const started = new AsyncLocalStorage<number>();
  const isOver = () => now() - (started.getStore() ?? now()) > HANDLER_MS;
  return {
    isOver,
    start: async (handler: () => Promise<void>) => {
      await started.run(now(), handler);
    },
    assertInTime: () => {
      if (isOver()) {
        throw new Error("the handler was ended after its 20 seconds");
      }
    },
  };
}
