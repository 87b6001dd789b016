const TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(Z|UTC|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/i;

const MINUTE_MS = 60_000;

/** A point in time, exact to the microsecond. */
interface Instant {
  /** Epoch milliseconds, rounded down. */
  readonly milliseconds: number;
  /** Microseconds to add to `milliseconds`: 0 to 999. */
  readonly microseconds: number;
}

/** Returns the offset of `Z`, `UTC`, `+05`, `+0530` or `+05:30`. A time without a zone is UTC. */
function offsetMinutes(zone: string | undefined): number {
  const [, sign, hours = 0, rest = 0] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? "") ?? [];
  const minutes = Number(hours) * 60 + Number(rest);
  return sign === "-" ? -minutes : minutes;
}

/** Returns the start of a day; `undefined` if the day does not exist, such as 30 February. */
function midnightOf(day: string): number | undefined {
  const midnight = new Date(`${day}T00:00:00.000Z`);
  const isReal = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
  return isReal ? midnight.getTime() : undefined;
}

/** ISO 8601 also allows 24:00:00 for the end of a day, and second 60 for a leap second. */
function isTimeOfDay(hours: number, minutes: number, seconds: number): boolean {
  return hours < 24 ? minutes < 60 && seconds < 61 : hours === 24 && minutes === 0 && seconds === 0;
}

function parseInstant(text: string): Instant | undefined {
  const match = TIME.exec(text.trim());
  return match === null ? undefined : instantOf(match);
}

function instantOf(match: RegExpExecArray): Instant | undefined {
  const [, day = "", hours = "00", minutes = "00", seconds = "00", fraction = "", zone] = match;
  const midnight = midnightOf(day);
  const fractionMicroseconds = Number(fraction.slice(0, 6).padEnd(6, "0"));
  const exactSeconds = Number(seconds) + fractionMicroseconds / 1e6;
  if (midnight === undefined || !isTimeOfDay(Number(hours), Number(minutes), exactSeconds)) {
    return undefined;
  }
  const minuteOfDay = Number(hours) * 60 + Number(minutes) - offsetMinutes(zone);
  return {
    milliseconds:
      midnight +
      minuteOfDay * MINUTE_MS +
      Number(seconds) * 1000 +
      Math.floor(fractionMicroseconds / 1000),
    microseconds: fractionMicroseconds % 1000,
  };
}

/**
 * Parses a time as Freshworks writes it: ISO 8601, or `2022-08-29 18:45:26 UTC` (Freshcaller).
 *
 * @returns ISO 8601 UTC with milliseconds, or `undefined` for anything else.
 */
export function parseTime(value: unknown): string | undefined {
  const instant = typeof value === "string" ? parseInstant(value) : undefined;
  const text = instant && new Date(instant.milliseconds).toISOString();
  // A zone offset can lead to a year outside 0000 to 9999. Only texts with four-digit years sort by time.
  return text !== undefined && /^\d/.test(text) ? text : undefined;
}

/** Smaller numbers are seconds (until the year 5138), others are milliseconds (since 1973). */
const MIN_MILLISECONDS = 1e11;

function parseNumber(value: number): number | undefined {
  const microseconds = Math.round(value * (value < MIN_MILLISECONDS ? 1e6 : 1e3));
  return value > 0 ? microseconds : undefined;
}

function parseTimestampText(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    return parseNumber(Number(text));
  }
  const instant = parseInstant(text);
  return instant && instant.milliseconds * 1000 + instant.microseconds;
}

/**
 * Parses the payload's `timestamp`: seconds or milliseconds, as a number or as text, or an ISO 8601 time.
 *
 * @returns epoch microseconds, or `undefined` for anything else.
 */
export function parseTimestamp(value: unknown): number | undefined {
  const microseconds =
    typeof value === "number"
      ? parseNumber(value)
      : typeof value === "string"
        ? parseTimestampText(value.trim())
        : undefined;
  return Number.isSafeInteger(microseconds) ? microseconds : undefined;
}

/** Returns the epoch microseconds of an ISO 8601 time. */
export function microsecondsOf(time: string): number {
  return Date.parse(time) * 1000;
}

/** Returns the start of a time's second: ISO 8601 UTC with milliseconds. */
export function startOfSecond(time: string): string {
  return time.replace(/\.\d+Z$/, ".000Z");
}
