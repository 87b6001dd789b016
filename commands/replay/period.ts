import { CommandError } from "../shared/command-error.ts";
import { inWords, minuteAfter, minuteOf, minutesBefore, timeIn } from "./time.ts";

/** Whole minutes of the archive, by the time of publishing. */
export interface Period {
  /** The first minute. */
  readonly from: Date;
  /** The minute after the last one. */
  readonly to: Date;
}

/**
 * How long an event may take to be in the archive: AWS advises to wait for 10 minutes ("Archiving and
 * replaying events", event delivery).
 */
const SETTLING_MINUTES = 10;

/**
 * The period that a person means: every minute that holds any of it.
 *
 * @throws CommandError when a time is none, the end is not after the start, or events of it may not be in
 *   the archive yet.
 */
export function periodOf(typed: { readonly from: string; readonly to: string }, now: Date): Period {
  const from = minuteOf(timeIn(typed.from, "--from", now));
  const to = minuteAfter(timeIn(typed.to, "--to", now));
  const latest = minuteOf(minutesBefore(now, SETTLING_MINUTES));
  if (to <= from) {
    throw new CommandError(
      `--to is ${inWords(to)}, and --from ${inWords(from)}: the end has to be after the start, by a minute at least`,
    );
  }
  if (to > latest) {
    throw new CommandError(
      `--to is ${inWords(to)}, and it is ${inWords(now)}: an event may take ${SETTLING_MINUTES} minutes to be in the archive, so ${inWords(latest)} or earlier is allowed`,
    );
  }
  return { from, to };
}

/** How many minutes it has. */
export const minutesIn = ({ from, to }: Period) => (to.getTime() - from.getTime()) / 60_000;
