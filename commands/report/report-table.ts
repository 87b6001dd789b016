import type { DayPeriod } from "../../client/history/days.ts";
import { formatDuration } from "../shared/duration.ts";
import { formatTable } from "../shared/table.ts";
import { type AgentDay, statusName } from "./agent-days.ts";

interface Column {
  readonly title: string;
  readonly timeIn: (day: AgentDay) => number;
}

const totalOf = (days: readonly AgentDay[], { timeIn }: Column) =>
  days.reduce((total, day) => total + timeIn(day), 0);

function statusColumns(days: readonly AgentDay[]): Column[] {
  const names = new Map(
    days.flatMap(({ statuses }) => statuses.map((each) => [each.id, statusName(each)] as const)),
  );
  return [...names]
    .map(([id, title]): Column => {
      const timeIn = ({ statuses }: AgentDay) =>
        statuses.find((each) => each.id === id)?.milliseconds ?? 0;
      return { title, timeIn };
    })
    .toSorted((one, other) => totalOf(days, other) - totalOf(days, one));
}

function channelColumns(days: readonly AgentDay[]): Column[] {
  const names = new Set(days.flatMap(({ channels }) => Object.keys(channels)));
  return [...names].toSorted().map((name) => ({
    title: `${name} open`.toUpperCase(),
    timeIn: ({ channels }) => (Object.hasOwn(channels, name) ? (channels[name] ?? 0) : 0),
  }));
}

/** Formats the days of all agents as a table with a column for each status and channel. */
export function formatDays(days: readonly AgentDay[], { date, from, to }: DayPeriod): string[] {
  const columns: readonly Column[] = [
    ...statusColumns(days),
    { title: "UNKNOWN", timeIn: ({ unknown }) => unknown },
    { title: "LOGGED IN", timeIn: ({ loggedIn }) => loggedIn },
    ...channelColumns(days),
  ];
  const table = formatTable(
    ["AVAILABILITY ID", "NAME", ...columns.map(({ title }) => title)],
    days.map((day) =>
      [day.availabilityId, day.name ?? ""].concat(
        columns.map(({ timeIn }) => formatDuration(timeIn(day))),
      ),
    ),
  );
  const period = [from, to].map((time) => new Date(time).toISOString()).join(" to ");
  return [`${date}, ${period}: ${formatDuration(to - from)} hours`].concat(table);
}
