import { Temporal } from "temporal-polyfill";

import type { HistoryInterval } from "../../client/history/agent-history.ts";
import { formatDuration } from "../shared/duration.ts";
import { formatTable } from "../shared/table.ts";
import type { AgentTimeline } from "./read-timelines.ts";

/** Formats a time in a time zone, with the zone's offset: `2026-11-28T09:00:00+01:00`. */
function formatTime(time: string, timeZone: string): string {
  return Temporal.Instant.from(time)
    .toZonedDateTimeISO(timeZone)
    .toString({ timeZoneName: "never" });
}

function formatLogin(loggedIn: boolean | undefined): string {
  return loggedIn === undefined ? "unknown" : loggedIn ? "yes" : "no";
}

function formatState({ status, loggedIn, channels, unknown }: HistoryInterval): string[] {
  if (unknown) {
    return ["unknown", "unknown", "unknown"];
  }
  const open = Object.keys(channels).filter((name) => channels[name] === true);
  return [
    status?.name ?? status?.id ?? "none",
    formatLogin(loggedIn),
    open.toSorted().join(", ") || "none",
  ];
}

export function formatTimeline(
  { availabilityId, name, intervals }: AgentTimeline,
  timeZone: string,
): string[] {
  const rows = intervals.map((interval) => [
    formatTime(interval.from, timeZone),
    formatTime(interval.to, timeZone),
    formatDuration(Date.parse(interval.to) - Date.parse(interval.from)).padStart(8),
    ...formatState(interval),
  ]);
  return [
    `${name ?? "No name"} (availability ID ${availabilityId})`,
    ...formatTable(["FROM", "TO", "DURATION", "STATUS", "LOGGED IN", "OPEN CHANNELS"], rows),
  ];
}
