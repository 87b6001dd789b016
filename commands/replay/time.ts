import { CommandError } from "../shared/command-error.ts";

/** The times that a person may type. */
export const TIMES = `2026-11-25T14:00Z     ISO 8601; also with seconds, an offset such as +01:00, or a blank for the T
    14:00                 today; also "today 14:00", "yesterday 14:00"
    "2 hours ago"         minutes, hours or days; also "an hour ago"
    All without an offset are UTC.`;

const MINUTE_MS = 60_000;

/** The minutes of a unit of time. */
const UNITS = { minute: 1, hour: 60, day: 1440 } as const;

const AGO = /^(?<count>an?|\d{1,6}) (?<unit>minute|hour|day)s? ago$/;
const CLOCK = /^(?:(?<day>today|yesterday) )?(?<hour>\d{1,2}):(?<minute>\d\d)$/;
const ISO =
  /^(?<date>\d{4}-\d\d-\d\d)[t ](?<clock>\d\d:\d\d)(?<seconds>:\d\d(?:\.\d{1,9})?)?(?<zone>z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/;

/** The minute that holds this instant. */
export const minuteOf = (instant: Date) =>
  new Date(Math.floor(instant.getTime() / MINUTE_MS) * MINUTE_MS);

/** This instant, or the next whole minute after it. */
export const minuteAfter = (instant: Date) =>
  new Date(Math.ceil(instant.getTime() / MINUTE_MS) * MINUTE_MS);

export const minutesBefore = (instant: Date, minutes: number) =>
  new Date(instant.getTime() - minutes * MINUTE_MS);

/** A time to the minute, in UTC: `2026-11-25T14:00Z`. */
export const inWords = (instant: Date) => instant.toISOString().replace(/:\d\d\.\d{3}Z$/, "Z");

const isUnit = (unit: string | undefined): unit is keyof typeof UNITS =>
  unit !== undefined && Object.hasOwn(UNITS, unit);

function ago(text: string, now: Date): Date | undefined {
  const { count = "", unit } = AGO.exec(text)?.groups ?? {};
  return isUnit(unit)
    ? minutesBefore(minuteOf(now), (count.startsWith("a") ? 1 : Number(count)) * UNITS[unit])
    : undefined;
}

function clock(text: string, now: Date): Date | undefined {
  const { day, hour = "", minute } = CLOCK.exec(text)?.groups ?? {};
  const date = minutesBefore(now, day === "yesterday" ? UNITS.day : 0)
    .toISOString()
    .slice(0, 10);
  return minute === undefined ? undefined : valid(`${date}T${hour.padStart(2, "0")}:${minute}`);
}

/** The instant of a time in UTC; nothing where there is no such time, as on the 30th of February. */
function valid(text: string): Date | undefined {
  const instant = new Date(`${text}Z`);
  const isThere =
    !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text.slice(0, 16));
  return isThere ? instant : undefined;
}

function minutesOf(zone: string): number {
  const [hours = 0, minutes = 0] = zone.slice(1).split(":").map(Number);
  return zone === "z" ? 0 : (zone.startsWith("-") ? -1 : 1) * (hours * UNITS.hour + minutes);
}

function iso(text: string): Date | undefined {
  const groups = ISO.exec(text)?.groups;
  if (groups === undefined) {
    return undefined;
  }
  const { date = "", clock: time = "", seconds = ":00", zone = "z" } = groups;
  const instant = valid(`${date}T${time}${seconds}`);
  return instant && minutesBefore(instant, minutesOf(zone));
}

/**
 * The instant that a person means. Words count from the minute at hand, so that they name whole minutes.
 *
 * @throws CommandError when it is no time.
 */
export function timeIn(text: string, option: string, now: Date): Date {
  const typed = text.trim().toLowerCase().replaceAll(/\s+/g, " ").replace(/ utc$/, "");
  const instant = ago(typed, now) ?? clock(typed, now) ?? iso(typed);
  if (instant === undefined || Number.isNaN(instant.getTime())) {
    throw new CommandError(
      `${option} is ${JSON.stringify(text)}, which is no time; allowed are\n    ${TIMES}`,
    );
  }
  return instant;
}
