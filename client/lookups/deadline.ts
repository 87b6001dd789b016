import { withoutPeriod } from "./explain.ts";
import { LookupError } from "./lookup-error.ts";

const FIRST_PAUSE_MS = 20;
const MAX_PAUSE_MS = 640;

/** Names of DynamoDB's errors for a table or an index that is throttled. */
const THROTTLING_ERRORS = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
]);

/** The time limit of a lookup, for all its calls together. */
export interface Deadline {
  readonly signal: AbortSignal;
  lastError: Error | undefined;
}

function deadlineError(deadlineMs: number, lastError: Error | undefined): LookupError {
  const reason = lastError ? `; last error: ${withoutPeriod(lastError.message)}` : "";
  return new LookupError(
    `the lookup did not finish within ${deadlineMs} milliseconds${reason}. Retry the lookup, or set a longer deadlineMs.`,
    { cause: lastError },
  );
}

/**
 * Runs a lookup that must finish within a number of milliseconds. The SDK respects an abort signal
 * during a call, but not while it waits for its own retry; therefore the deadline does not rely on it.
 *
 * @throws LookupError at the deadline, with DynamoDB's last error if there was one.
 */
export async function withDeadline<Result>(
  deadlineMs: number,
  lookUp: (deadline: Deadline) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const deadline: Deadline = { signal: controller.signal, lastError: undefined };
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = deadlineError(deadlineMs, deadline.lastError);
      reject(error);
      controller.abort(error);
    }, deadlineMs);
  });
  try {
    return await Promise.race([lookUp(deadline), expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Pauses before another attempt: longer each time, with jitter so that callers do not retry together. */
export async function pause(attempts: number, { signal }: Deadline): Promise<void> {
  const maxPauseMs = Math.min(FIRST_PAUSE_MS * 2 ** attempts, MAX_PAUSE_MS);
  await new Promise((resolve) => {
    setTimeout(resolve, maxPauseMs * (0.5 + Math.random() / 2));
  });
  signal.throwIfAborted();
}

/** Retries a call while DynamoDB throttles it, in addition to the client's own retries. */
export async function retryThrottled<Result>(
  call: () => Promise<Result>,
  deadline: Deadline,
): Promise<Result> {
  for (let attempts = 0; ; attempts += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Error) || !THROTTLING_ERRORS.has(error.name)) {
        throw error;
      }
      deadline.lastError = error;
      await pause(attempts, deadline);
    }
  }
}
