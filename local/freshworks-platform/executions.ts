import { AsyncLocalStorage } from "node:async_hooks";

const TIMEOUT_MS = 20_000;

export interface Execution {
  readonly event: string;
  readonly startedAt: number;
  /** The messages with which the handler called `renderData`; undefined for a call without one. */
  readonly renderedMessages: (string | undefined)[];
}

/** Separates handlers that run at the same time. The platform ends a handler after 20 seconds. */
export function createExecutions(now: () => number) {
  const storage = new AsyncLocalStorage<Execution>();
  const isOver = ({ startedAt }: Execution) => now() - startedAt > TIMEOUT_MS;
  return {
    isOver,
    current: () => storage.getStore(),
    run: async (event: string, handler: () => Promise<void>): Promise<Execution> => {
      const execution: Execution = { event, startedAt: now(), renderedMessages: [] };
      await storage.run(execution, handler);
      return execution;
    },
    assertInTime: (): void => {
      const execution = storage.getStore();
      if (execution && isOver(execution)) {
        throw new Error("the platform ended the handler after 20 seconds");
      }
    },
  };
}
