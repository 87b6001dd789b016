const MINUTE_MS = 60_000;

export function roundDownToMinute(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / MINUTE_MS) * MINUTE_MS);
}

/** Returns the first whole minute that is not before an instant. */
export function roundUpToMinute(instant: Date): Date {
  return new Date(Math.ceil(instant.getTime() / MINUTE_MS) * MINUTE_MS);
}

export function subtractMinutes(instant: Date, minutes: number): Date {
  return new Date(instant.getTime() - minutes * MINUTE_MS);
}

export function minutesBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / MINUTE_MS;
}

/** Formats an instant to the minute in UTC, for example `2026-11-25T14:00Z`. */
export function formatMinute(instant: Date): string {
  return instant.toISOString().replace(/:\d\d\.\d{3}Z$/, "Z");
}
