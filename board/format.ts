import type { BoardAgent } from "../functions/board/board-data.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const CHANNEL_LABELS: Readonly<Record<string, string>> = {
  freshdesk: "Tickets",
  freshchat: "Chat",
  freshcaller: "Phone",
};

/** The channels that have a column in every account. */
export const mainChannels = ["freshdesk", "freshchat", "freshcaller"];

/** Returns the display name of a channel, such as "Chat". An unknown channel keeps its own name. */
export function channelLabel(channel: string): string {
  return Object.hasOwn(CHANNEL_LABELS, channel) ? (CHANNEL_LABELS[channel] ?? channel) : channel;
}

/** Returns the agent's name; without a name, the email address; without either, the ID. */
export function displayName({ name, email, id }: BoardAgent): string {
  return name?.trim() || email || `Agent ${id}`;
}

/** Returns the name of a status, or a substitute: Freshdesk does not always provide one. */
export function statusLabel({ status }: Pick<BoardAgent, "status">): string {
  if (status === undefined) {
    return "Unknown";
  }
  return status.name?.trim() || `Status ${status.id}`;
}

/** Returns up to two letters for the agent's avatar. */
export function initialsOf(name: string): string {
  const parts = name.split(/[\s.@_-]+/).filter((part) => /^\p{L}/u.test(part));
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : undefined];
  return letters
    .map((part) => (part === undefined ? "" : String.fromCodePoint(part.codePointAt(0) ?? 0)))
    .join("")
    .toUpperCase();
}

/** Formats a duration in at most two units: "42 s", "7 min", "3 h 05 min", "2 d 4 h". */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < MINUTE_MS) {
    return `${Math.floor(ms / 1000)} s`;
  }
  if (ms < HOUR_MS) {
    return `${Math.floor(ms / MINUTE_MS)} min`;
  }
  if (ms < DAY_MS) {
    const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
    return `${Math.floor(ms / HOUR_MS)} h ${String(minutes).padStart(2, "0")} min`;
  }
  return `${Math.floor(ms / DAY_MS)} d ${Math.floor((ms % DAY_MS) / HOUR_MS)} h`;
}

/** Formats the time since an instant. Returns an empty text if the instant is unknown. */
export function formatSince(since: string | undefined, now: number): string {
  return since === undefined ? "" : formatDuration(now - Date.parse(since));
}

const clockFormat = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** Formats an instant as the viewer's local time of day. */
export function formatClock(time: number): string {
  return clockFormat.format(time);
}

const timeOfDayFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dateAndTimeFormat = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** Formats an instant as the viewer's local time, with the date if it is more than 12 hours ago. */
export function formatTime(instant: number, now: number): string {
  return (now - instant > 12 * HOUR_MS ? dateAndTimeFormat : timeOfDayFormat).format(instant);
}

const hourFormat = new Intl.DateTimeFormat(undefined, { hour: "numeric" });

/** Formats the hour of an instant on the viewer's clock, without the extra words of some locales: "09", "9 AM". */
export function formatHour(time: number): string {
  return hourFormat
    .formatToParts(time)
    .filter(({ type }) => type === "hour" || type === "dayPeriod")
    .map(({ value }) => value)
    .join(" ");
}
