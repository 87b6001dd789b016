import { withoutPeriod } from "../../client/lookups/explain.ts";
import { formatCount } from "../shared/count.ts";
import type { Remaining } from "./remaining.ts";
import type { HistoryReport } from "./redrive-history.ts";
import type { Counts, FoundCounts, Report } from "./run-redrive.ts";

/** Number of items that are listed for each reason; `--json` lists all of them. */
const MAX_LISTED = 20;

function formatCounts({ messages, objects }: Counts): string {
  return `${formatCount(messages, "message")} and ${formatCount(objects, "invocation record")}`;
}

export const isEmpty = ({ messages, objects, historyObjects = 0 }: FoundCounts): boolean =>
  messages + objects + historyObjects === 0;

export function formatFound(stage: string, found: FoundCounts): string {
  const { historyObjects = 0 } = found;
  const historySuffix =
    historyObjects === 0
      ? ""
      : `, and ${formatCount(historyObjects, "invocation record")} for the history`;
  return isEmpty(found)
    ? `Nothing to redrive in stage ${stage}.`
    : `Found ${formatCounts(found)}${historySuffix} in stage ${stage}.`;
}

function formatHistory({ stored, forgotten, removed }: HistoryReport): string {
  const skipped =
    forgotten === 0 ? "" : ` Skipped ${formatCount(forgotten, "record")} of forgotten agents.`;
  return `Stored ${formatCount(stored, "record")} in the history. Removed ${formatCount(removed, "invocation record")} from its on-failure destination.${skipped}`;
}

type Reason = Pick<Remaining, "code" | "message">;

const reasons: Readonly<Record<string, (message: string) => string>> = {
  UnreadableRecord: (message) =>
    `This version of the hub cannot parse the record: ${message}. Run redrive with a version that can.`,
  EntryTooLarge: (message) =>
    `The event (${message}) is over EventBridge's size limit and cannot be published.`,
  MalformedDetail: (message) =>
    `EventBridge rejects the event permanently (MalformedDetail: ${message}).`,
  InvalidArgument: (message) =>
    `EventBridge rejects the event permanently (InvalidArgument: ${message}).`,
  NoSuchEvent: () =>
    "This version of the hub does not derive this event from the record, so the event cannot be published. No action is needed: the message expires.",
  Unrecognized: (message) => `Not written by the hub or Lambda: ${message}.`,
  NotStored: (message) =>
    `The history function did not store the record (${message}). Fix the error that the function's log shows, then run the command again.`,
  InvocationDenied: (message) =>
    `Invoking the history function is not allowed (${message}). Grant these credentials lambda:InvokeFunction on the function.`,
  MaybeForgotten: () =>
    "The agent may have been forgotten: agent forget failed or has no recorded outcome. Run agent forget again with --exact and the agent's ID, then run this command again.",
  NotRemoved: (message) =>
    `The event was published, but SQS did not delete its message (${message}). Run the command again: duplicates have the same ID.`,
  Pending: () => "Not attempted yet. Run the command again.",
  Blocked: () => "An earlier version of the agent is not published yet. Run the command again.",
};

/** Formats why something remains, and what to do. */
function formatReason({ code, message }: Reason): string {
  const format = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (format) {
    return format(withoutPeriod(message));
  }
  return code.startsWith("AccessDenied") || code.startsWith("NotAuthorized")
    ? `Publishing is not allowed (${code}: ${withoutPeriod(message)}). Grant these credentials events:PutEvents on the stage's bus.`
    : `EventBridge rejects the event for now (${code}: ${withoutPeriod(message)}). Run the command again.`;
}

const locations: Readonly<Record<Remaining["place"], (id: string) => string>> = {
  "dead-letter-queue": (id) => `message ${id} in the dead-letter queue`,
  "on-failure-destination": (id) => `${id} in the on-failure destination`,
  "history-on-failure-destination": (id) => `${id} in the history's on-failure destination`,
};

function formatLocation({ place, id, expiresAt }: Remaining): string {
  const location = locations[place](id);
  return expiresAt === undefined ? location : `${location}, expires ${expiresAt.slice(0, 10)}`;
}

function formatItem(remaining: Remaining): string {
  const { accountId, availabilityId, version, eventId } = remaining;
  const location = formatLocation(remaining);
  if (accountId === undefined || availabilityId === undefined) {
    return `  ${location}`;
  }
  const subject =
    eventId === undefined
      ? `agent ${availabilityId}, account ${accountId}, version ${version || "unknown"}`
      : `event ${eventId}`;
  return `  ${subject} (${location})`;
}

function formatGroup(reason: string, items: readonly Remaining[]): string[] {
  const rest = items.length - MAX_LISTED;
  return [
    "",
    `${formatCount(items.length, "remains", "remain")}. ${reason}`,
    ...items.slice(0, MAX_LISTED).map(formatItem),
    ...(rest > 0 ? [`  and ${rest.toLocaleString("en")} more; --json lists all`] : []),
  ];
}

export function formatReport(report: Report): string[] {
  const { published, removed, history, remaining, interrupted } = report;
  return [
    `Published ${formatCount(published, "event")}. Removed ${formatCounts(removed)}.`,
    ...(history === undefined || history.found === 0 ? [] : [formatHistory(history)]),
    ...(interrupted ? ["Interrupted: everything else is unchanged. Run the command again."] : []),
    ...[...Map.groupBy(remaining, formatReason)].flatMap(([reason, items]) =>
      formatGroup(reason, items),
    ),
  ];
}
