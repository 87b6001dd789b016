import { CommandError } from "../shared/command-error.ts";
import { formatMinute, roundUpToMinute, roundDownToMinute, subtractMinutes } from "./minutes.ts";

/** Whole minutes of the archive, by the time of publishing. */
export interface Period {
  /** The first minute. */
  readonly from: Date;
  /** The minute after the last one. */
  readonly to: Date;
}

/** A period as an operator selects it: `from` and `to`, or `last`. */
export interface PeriodOptions {
  readonly from?: Date;
  readonly to?: Date;
  /** Minutes before now. */
  readonly last?: number;
}

/** AWS advises to wait 10 minutes until all events are in the archive ("Archiving and replaying events"). */
const ARCHIVE_DELAY_MINUTES = 10;

function selectPeriod({ from, to, last }: PeriodOptions, latest: Date, now: Date): Period {
  if (last !== undefined) {
    const period = { from: roundDownToMinute(subtractMinutes(now, last)), to: latest };
    if (period.to <= period.from) {
      throw new CommandError(
        `--last must be longer than ${ARCHIVE_DELAY_MINUTES} minutes, because events can take that long to reach the archive (got ${last}m)`,
      );
    }
    return period;
  }
  if (from === undefined || to === undefined) {
    throw new CommandError("either --last, or both --from and --to are required");
  }
  return { from: roundDownToMinute(from), to: roundUpToMinute(to) };
}

/**
 * Returns the minutes that contain any part of the selected period.
 *
 * @throws CommandError if the selection is incomplete or empty, or if its events may not be in the archive yet.
 */
export function parsePeriod(options: PeriodOptions, now: Date): Period {
  const latest = roundDownToMinute(subtractMinutes(now, ARCHIVE_DELAY_MINUTES));
  const { from, to } = selectPeriod(options, latest, now);
  if (to <= from) {
    throw new CommandError(
      `--to must be later than --from (got ${formatMinute(from)} to ${formatMinute(to)})`,
    );
  }
  if (to > latest) {
    throw new CommandError(
      `--to must be ${formatMinute(latest)} or earlier, because events can take ${ARCHIVE_DELAY_MINUTES} minutes to reach the archive (got ${formatMinute(to)})`,
    );
  }
  return { from, to };
}
