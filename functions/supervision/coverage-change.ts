import type { CoverageChange } from "../availability/coverage-event.ts";

/** The coverage of a channel in an account, according to its last event. */
export interface CoverageState {
  readonly epoch: number;
  readonly version: number;
  readonly covered: boolean;
  /** ISO 8601 UTC with milliseconds. */
  readonly since: string;
  /** The opening period that the event belongs to. */
  readonly period: string;
}

/** A count of the agents who are available on a channel while it is open. */
export interface CoverageCount {
  readonly accountId: string;
  readonly channel: string;
  /** At most `minimum`. */
  readonly available: number;
  readonly minimum: number;
  readonly period: string;
  /** When the evaluation began, in epoch milliseconds. */
  readonly at: number;
}

function previousOf({ covered, since }: CoverageState, at: number): CoverageChange["previous"] {
  const durationMs = at - Date.parse(since);
  // Negative if the clock of the earlier evaluation was ahead.
  return { covered, durationMs: durationMs < 0 ? undefined : durationMs };
}

/** Returns the epoch and version of the channel's next event. */
const nextPosition = (known: CoverageState | undefined, at: number) =>
  known ? { epoch: known.epoch, version: known.version + 1 } : { epoch: at, version: 1 };

/**
 * Returns the change that a count reveals: the first count in an opening period, or a coverage that differs.
 *
 * @returns `undefined` if nothing has changed.
 */
export function coverageChange(
  known: CoverageState | undefined,
  { period, at, ...count }: CoverageCount,
): CoverageChange | undefined {
  const covered = count.available >= count.minimum;
  const before = known?.period === period ? known : undefined;
  if (before?.covered === covered) {
    return undefined;
  }
  return {
    ...count,
    ...nextPosition(known, at),
    covered,
    since: new Date(at).toISOString(),
    previous: before && previousOf(before, at),
  };
}
