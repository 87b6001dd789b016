import { Temporal } from "temporal-polyfill";
import * as z from "zod";

/** The days of a week, in the order of ISO 8601. */
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Times of a week in which a channel must be covered. */
export const openingHours = z.object({
  /** IANA time zone, such as `Europe/Berlin`. */
  timeZone: z.string(),
  /** The days on which the hours begin. */
  days: z.array(z.enum(days)).readonly(),
  /** Local time, such as `08:00`. */
  from: z.string(),
  /** Local time. If it is not after `from`, it is a time of the next day. */
  to: z.string(),
});

/** @see openingHours */
export type OpeningHours = z.output<typeof openingHours>;

/** An interval in epoch milliseconds, without its end. */
interface Interval {
  readonly from: number;
  readonly to: number;
}

/** No chain of hours is longer, unless the hours never end. */
const MAX_PERIOD_MS = 8 * 24 * 60 * 60 * 1000;

/** The period of hours that never end. */
const ALWAYS = "always";

/**
 * Returns the hours of one day. If clocks change, a local time that occurs twice is the first of the two, and one that
 * does not occur is later by the change.
 */
function hoursOf(date: Temporal.PlainDate, { timeZone, from, to }: OpeningHours): Interval {
  const at = (day: Temporal.PlainDate, time: string) =>
    day.toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds;
  return { from: at(date, from), to: at(to > from ? date : date.add({ days: 1 }), to) };
}

/** Returns when the earliest hours that contain a time began. */
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
 * Returns the opening period that contains a time: an ID that is the same for every time of the period, and differs
 * between periods. Hours that overlap or touch are one period.
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
