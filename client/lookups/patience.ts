import { LookupError } from "./lookup-error.ts";

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 640;

/** What DynamoDB says of a table, or an index, that is asked too much at the moment. */
const THROTTLED = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
]);

/** The time that a question has, all its calls together. */
export interface Patience {
  /** Aborts at the deadline. */
  readonly signal: AbortSignal;
  /** Why the last try did not succeed. */
  refusal: Error | undefined;
}

function deadlineError(deadlineMs: number, refusal: Error | undefined): LookupError {
  const reason = refusal ? `, the last refusal was: ${refusal.message}` : "";
  return new LookupError(
    `the table did not answer within ${deadlineMs} milliseconds${reason}; a longer deadlineMs is allowed`,
    { cause: refusal },
  );
}

/**
 * Lets a question take so long and no longer. The SDK looks at a signal while it calls, but not while it
 * waits to call again; so the deadline does not leave the end to it.
 *
 * @throws LookupError at the deadline, saying why DynamoDB refused last if it did.
 */
export async function withinDeadline<Answer>(
  deadlineMs: number,
  ask: (patience: Patience) => Promise<Answer>,
): Promise<Answer> {
  const controller = new AbortController();
  const patience: Patience = { signal: controller.signal, refusal: undefined };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = deadlineError(deadlineMs, patience.refusal);
      reject(error);
      controller.abort(error);
    }, deadlineMs);
  });
  try {
    return await Promise.race([ask(patience), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Pauses before another try: longer each time, with jitter, so that many who were refused do not come back at once. */
export async function pause(tries: number, { signal }: Patience): Promise<void> {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
  await new Promise((resolve) => {
    setTimeout(resolve, longest * (0.5 + Math.random() / 2));
  });
  signal.throwIfAborted();
}

/** Makes a call until it is not throttled, whatever retries the client makes by itself. */
export async function unthrottled<Answer>(
  call: () => Promise<Answer>,
  patience: Patience,
): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Error) || !THROTTLED.has(error.name)) {
        throw error;
      }
      patience.refusal = error;
      await pause(tries, patience);
    }
  }
}
