import { Temporal } from "temporal-polyfill";

import type { HistoryInterval } from "../../client/history/agent-history.ts";
import { formatTable } from "../shared/table.ts";
import type { AgentTimeline } from "./read-timelines.ts";

/** Formats a time as in a time zone, with its offset: `2026-11-28T09:00:00+01:00`. */
function formatTime(time: string, timeZone: string): string {
  return Temporal.Instant.from(time)
    .toZonedDateTimeISO(timeZone)
    .toString({ timeZoneName: "never" });
}

/** Formats a duration as hours, minutes and seconds: `0:45:00`. */
function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const parts = [Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const fraction = milliseconds % 1000;
  return [
    Math.floor(seconds / 3600),
    ...parts.map((part) => `:${String(part).padStart(2, "0")}`),
    fraction === 0 ? "" : `.${String(fraction).padStart(3, "0")}`,
  ].join("");
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

/** Formats an agent's timeline as a table, with times in a time zone. */
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
