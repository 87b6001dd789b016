import type { Period } from "../../client/history/timeline.ts";
import { CommandError } from "../shared/command-error.ts";

/** A period as an operator selects it: `from` and optionally `to`, or `last`. */
export interface PeriodOptions {
  readonly from?: Date;
  /** @default - now */
  readonly to?: Date;
  /** Minutes before now. Used without `from`. */
  readonly last: number;
}

const MINUTE_MS = 60_000;

/**
 * Returns the selected period, which never ends later than now.
 *
 * @throws CommandError if the selection is incomplete or empty.
 */
export function parsePeriod({ from, to, last }: PeriodOptions, now: Date): Period {
  if (from === undefined) {
    if (to !== undefined) {
      throw new CommandError("--from is required with --to");
    }
    return { from: now.getTime() - last * MINUTE_MS, to: now.getTime() };
  }
  const end = new Date(Math.min((to ?? now).getTime(), now.getTime()));
  if (from >= end) {
    const limit = to === undefined || to > now ? "now" : "--to";
    throw new CommandError(
      `--from must be earlier than ${limit} (got ${from.toISOString()} and ${end.toISOString()})`,
    );
  }
  return { from: from.getTime(), to: end.getTime() };
}
