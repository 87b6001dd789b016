import { Temporal } from "temporal-polyfill";
import * as z from "zod";

/** The days of a week, in the order of ISO 8601. */
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Weekly hours in which a channel must be covered. */
export const openingHours = z.object({
  /** IANA time zone, such as `Europe/Berlin`. */
  timeZone: z.string(),
  /** The days on which the hours begin. */
  days: z.array(z.enum(days)).readonly(),
  /** Local time, such as `08:00`. */
  from: z.string(),
  /** Local time. If it is not later than `from`, the hours end on the next day. */
  to: z.string(),
});

export type OpeningHours = z.output<typeof openingHours>;

/** An interval in epoch milliseconds. The end is excluded. */
interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Consecutive hours last no longer than this, unless they never end. */
const MAX_PERIOD_MS = 8 * 24 * 60 * 60 * 1000;

/** ID of the period if the hours never end. */
const ALWAYS = "always";

/**
 * Returns the hours of one day. When clocks change, the first occurrence of a repeated local time counts, and a local
 * time that does not occur is shifted later by the change.
 */
function hoursOf(date: Temporal.PlainDate, { timeZone, from, to }: OpeningHours): Interval {
  const at = (day: Temporal.PlainDate, time: string) =>
    day.toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds;
  return { from: at(date, from), to: at(to > from ? date : date.add({ days: 1 }), to) };
}

/** Returns the earliest start of all hours that contain a time. */
function startAt(hours: readonly OpeningHours[], time: number): number | undefined {
  const starts = hours.flatMap((each) => {
    const today = Temporal.Instant.fromEpochMilliseconds(time)
      .toZonedDateTimeISO(each.timeZone)
      .toPlainDate();
    return [today.subtract({ days: 1 }), today]
      .filter(({ dayOfWeek }) => each.days.some((day) => days.indexOf(day) + 1 === dayOfWeek))
      .map((date) => hoursOf(date, each))
      .filter(({ from, to }) => from <= time && time < to)
      .map(({ from }) => from);
  });
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/**
 * Returns the ID of the opening period that contains a time: the same ID for every time in the period, and a different
 * one for each period. Hours that overlap or are adjacent form one period.
 *
 * @param hours `undefined` if the channel never closes.
 * @param time epoch milliseconds.
 * @returns `undefined` if the channel is closed.
 */
export function openingPeriodAt(
  hours: readonly OpeningHours[] | undefined,
  time: number,
): string | undefined {
  if (hours === undefined) {
    return ALWAYS;
  }
  let start = startAt(hours, time);
  if (start === undefined) {
    return undefined;
  }
  for (
    let earlier = startAt(hours, start - 1);
    earlier !== undefined;
    earlier = startAt(hours, start - 1)
  ) {
    start = earlier;
    if (time - start > MAX_PERIOD_MS) {
      return ALWAYS;
    }
  }
  return new Date(start).toISOString();
}
