import { type AgentDay, statusName } from "./agent-days.ts";

const HOUR_MS = 3_600_000;

/** Excel reads a file as UTF-8 only if the file begins with this character. */
const BYTE_ORDER_MARK = "\uFEFF";

/** The column titles, which are the same in every report. */
export const CSV_TITLES: readonly string[] = [
  `${BYTE_ORDER_MARK}date`,
  "time_zone",
  "availability_id",
  "user_id",
  "name",
  "email",
  "measure",
  "status_or_channel",
  "hours",
];

/** Formats hours, exact to 3.6 milliseconds. */
const formatHours = (milliseconds: number) => String(Number((milliseconds / HOUR_MS).toFixed(6)));

/** Formats an agent's day as records: one for each status, each channel, logged in and unknown. */
export function csvRecords(
  { availabilityId, userId = "", name = "", email = "", ...times }: AgentDay,
  date: string,
  timeZone: string,
): string[][] {
  const { statuses, channels, loggedIn, unknown } = times;
  const measures: (readonly [measure: string, of: string, milliseconds: number])[] = [
    ...statuses.map((each) => ["status", statusName(each), each.milliseconds] as const),
    ["unknown", "", unknown],
    ["logged in", "", loggedIn],
    ...Object.entries(channels).map(([channel, time]) => ["channel open", channel, time] as const),
  ];
  const agent = [date, timeZone, availabilityId, userId, name, email];
  return measures.map(([measure, of, time]) => agent.concat(measure, of, formatHours(time)));
}
