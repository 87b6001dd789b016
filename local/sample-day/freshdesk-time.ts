/** The time at which a payload is raised, and its position in the day. */
export interface RaiseContext {
  readonly time: Date;
  readonly index: number;
}

/** Returns a time as Freshdesk writes it, exact to the second. */
export const freshdeskTime = (time: Date) => time.toISOString().replace(/\.\d+Z$/, "Z");

/** Returns the envelope's timestamp in one of its four formats. */
export function timestampOf(time: Date, index: number): number | string {
  const milliseconds = time.getTime() + 306;
  const formats = [
    milliseconds / 1000,
    milliseconds,
    String(milliseconds),
    milliseconds / 1000 + 0.000_384,
  ];
  return formats[index % formats.length] ?? milliseconds;
}
