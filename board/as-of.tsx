import { formatClock } from "./format.ts";
import type { PollFailure, Reading } from "./poll.ts";

const MAX_AGE_MS = 60_000;

const REASONS: Readonly<Record<PollFailure, string>> = {
  "signed-out": "Your sign-in has expired. Sign in again.",
  forbidden:
    "You do not have access to this account. Choose another one, or ask the team that runs the hub.",
  unreachable: "The server does not respond. Trying again.",
};

/** Returns whether the data is too old to act on. */
function isStale(
  reading: Reading | undefined,
  failure: PollFailure | undefined,
  now: number,
): boolean {
  return failure !== undefined || (reading !== undefined && now - reading.asOf > MAX_AGE_MS);
}

interface AsOfProps {
  readonly reading: Reading | undefined;
  readonly failure: PollFailure | undefined;
  /** The server's time: epoch milliseconds. */
  readonly now: number;
}

/** Shows when the data was read. Turns red and gives the reason if the data is out of date. */
export function AsOf({ reading, failure, now }: AsOfProps) {
  const stale = isStale(reading, failure, now);
  const time = reading && formatClock(reading.asOf - reading.clockOffset);
  const label = stale ? "Out of date, last read" : "As of";
  return (
    <p class={stale ? "as-of stale" : "as-of"} data-testid="as-of">
      <span class="as-of-time">
        {stale && <span aria-hidden="true">⚠ </span>}
        {time === undefined ? "Loading" : `${label} ${time}`}
      </span>
      <span class="as-of-reason" role="status" aria-live="polite">
        {stale ? (failure === undefined ? "No newer data has arrived." : REASONS[failure]) : ""}
      </span>
    </p>
  );
}
