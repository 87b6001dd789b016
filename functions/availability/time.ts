const ISO_8601 =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(Z|UTC|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/i;

/** `Z`, `UTC`, `+05`, `+0530` or `+05:30` in minutes; a time without a zone is UTC, as Freshworks' pages say. */
function offsetMinutes(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? "");
  if (match === null) {
    return 0;
  }
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === "-" ? -minutes : minutes;
}

/**
 * Reads a time as Freshworks writes it: ISO 8601, or `2022-08-29 18:45:26 UTC` (Freshcaller).
 *
 * @returns ISO 8601 UTC with milliseconds, or `undefined` for what is no time.
 */
export function parseTime(value: unknown): string | undefined {
  const match = typeof value === "string" ? ISO_8601.exec(value.trim()) : null;
  if (match === null) {
    return undefined;
  }
  const [, day = "", time = "00:00", seconds = "00", fraction = "", zone] = match;
  const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
  const local = instantOf(`${day}T${time}:${seconds}.${milliseconds}Z`);
  return local && textOf(new Date(local.getTime() - offsetMinutes(zone) * 60_000));
}

/** A zone may move a time out of the years that have four digits, whose texts alone are in the order of time. */
function textOf(instant: Date): string | undefined {
  const text = instant.toISOString();
  return /^\d/.test(text) ? text : undefined;
}

/** Date.parse turns 30 February into March: what does not come back as it went in is no day. */
function instantOf(written: string): Date | undefined {
  const instant = new Date(written);
  const isReal = !Number.isNaN(instant.getTime()) && instant.toISOString() === written;
  return isReal ? instant : undefined;
}

/** Below this a number counts seconds, from it on milliseconds (it is the year 5138 in the one, 1973 in the other). */
const FIRST_MILLISECONDS = 1e11;

/**
 * Reads the envelope's `timestamp`, of which four forms are known: seconds as integer or with
 * fractions, milliseconds, and milliseconds as a string.
 *
 * @returns epoch microseconds, or `undefined` for what cannot be read.
 */
export function parseTimestamp(value: unknown): number | undefined {
  const number = typeof value === "string" ? numberIn(value) : value;
  if (typeof number !== "number" || !(number > 0)) {
    return undefined;
  }
  const microseconds = Math.round(number * (number < FIRST_MILLISECONDS ? 1e6 : 1e3));
  return Number.isSafeInteger(microseconds) ? microseconds : undefined;
}

function numberIn(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text.trim())) {
    return Number(text);
  }
  const time = parseTime(text);
  return time === undefined ? undefined : Date.parse(time);
}

/** The microseconds of an ISO time. */
export function microsecondsOf(time: string): number {
  return Date.parse(time) * 1000;
}
