import type { DetailOf, DetailType } from "../../../functions/availability/catalogue.ts";
import type { EventName, EventSelection, StatusFilter } from "../../../lib/consumer/filters.ts";
import type { AgentAvailabilityEvent } from "../../../client/events/event.ts";

const agentEvents = [
  "Agent Availability Changed",
  "Agent Status Changed",
  "Agent Channel Availability Changed",
  "Agent Removed",
  "Agent Status Overrun",
] as const satisfies readonly EventName[];

/** Every list of one or more events about agents. */
const lists = Array.from({ length: 2 ** agentEvents.length - 1 }, (_, index) =>
  agentEvents.filter((_name, bit) => ((index + 1) >> bit) % 2 === 1),
);

/** Values that the examples contain, values that they do not contain, and both. */
const accountLists = [undefined, ["11010177632"], ["1"], ["1", "11010177632"]];
const agentLists = [undefined, ["787096"], ["1"], ["1", "787096"]];
const statuses: readonly (readonly StatusFilter[] | undefined)[] = [
  undefined,
  ["On break"],
  [{ id: "1" }],
  ["On break", { id: "1" }],
  ["on break", "Nowhere"],
];
const flags = [undefined, true, false];

/** Every combination of a value of each list. */
function pairs<First, Second>(first: readonly First[], second: readonly Second[]) {
  return first.flatMap((one) => second.map((two): [First, Second] => [one, two]));
}

/** Returns whether a value and its previous value can both match. Equal values are rejected. */
const canDiffer = ([value, previous]: readonly [unknown, unknown]) =>
  value === undefined || value !== previous || hasName(value);
const hasName = (value: unknown) =>
  Array.isArray(value) && (value.length > 1 || typeof value[0] === "string");

const common = [
  [undefined, undefined],
  [["11010177632"], ["787096", "1"]],
] as const;

const changes = [
  undefined,
  ["status"],
  ["loggedIn"],
  ["channels"],
  ["profile"],
  ["status", "channels"],
] as const;

const coveredChannelLists = [undefined, ["freshdesk"], ["freshchat", "freshcaller"]] as const;
const channelLists = [
  undefined,
  ["freshdesk"],
  ["freshchat", "freshcaller"],
  [{ name: "whatsapp" }, "freshdesk"],
] as const;

const reasonLists = [undefined, ["item-deleted"], ["forgotten", "deleted"], ["merged"]] as const;

/** Every shape of pattern that a rule can have: every combination of the filters of an event. */
export const everySelection: readonly EventSelection[] = [
  ...pairs(lists, pairs(accountLists, agentLists)).map(
    ([events, [accounts, agents]]): EventSelection => ({ events, accounts, agents }),
  ),
  ...pairs(lists, accountLists).map(([events, accounts]): EventSelection => ({
    events: [...events, "Agent Login Changed", "Channel Coverage Changed"],
    accounts,
  })),
  ...pairs(pairs([undefined, ["72025350026"], ["1"]], flags), accountLists).map(
    ([[users, loggedIn], accounts]): EventSelection => {
      const events = "Agent Login Changed";
      return { events, accounts, users, loggedIn };
    },
  ),
  ...pairs(reasonLists, common).map(([reason, [accounts, agents]]): EventSelection => {
    const events = "Agent Removed";
    return { events, accounts, agents, reason };
  }),
  ...pairs(pairs(statuses, statuses).filter(canDiffer), common).map(
    ([[toStatus, fromStatus], [accounts, agents]]): EventSelection => {
      const events = "Agent Status Changed";
      return { events, accounts, agents, toStatus, fromStatus };
    },
  ),
  ...pairs(pairs(changes, statuses), common).map(
    ([[changed, inStatus], [accounts, agents]]): EventSelection => {
      const events = "Agent Availability Changed";
      return { events, accounts, agents, changed, inStatus };
    },
  ),
  ...pairs(pairs(channelLists, pairs(flags, flags).filter(canDiffer)), common).map(
    ([[channels, [available, wasAvailable]], [accounts, agents]]): EventSelection => {
      const events = "Agent Channel Availability Changed";
      return { events, accounts, agents, channels, available, wasAvailable };
    },
  ),
  ...pairs(pairs(statuses, [undefined, [15], [30], [30, 15]]), common).map(
    ([[inStatus, limitMinutes], [accounts, agents]]): EventSelection => {
      const events = "Agent Status Overrun";
      return { events, accounts, agents, inStatus, limitMinutes };
    },
  ),
  ...pairs(pairs(coveredChannelLists, pairs(flags, flags).filter(canDiffer)), accountLists).map(
    ([[channels, [covered, wasCovered]], accounts]): EventSelection => {
      const events = "Channel Coverage Changed";
      return { events, accounts, channels, covered, wasCovered };
    },
  ),
];

type Status = { readonly id: string; readonly name?: string | undefined } | undefined;

function matchesStatus(status: Status, filters: readonly StatusFilter[] | undefined): boolean {
  return (
    filters === undefined ||
    filters.some((filter) =>
      typeof filter === "string" ? status?.name === filter : status?.id === filter.id,
    )
  );
}

const holds = <Value>(value: Value | undefined, allowed: readonly Value[] | undefined) =>
  allowed === undefined || (value !== undefined && allowed.includes(value));

type Details = { readonly [Type in DetailType]: (detail: DetailOf<Type>) => boolean };

/** Returns whether an event matches according to the documentation of the filters, without using a pattern. */
export function matches(selection: EventSelection, event: AgentAvailabilityEvent): boolean {
  const { events, toStatus, fromStatus, inStatus, changed } = selection;
  const { channels, available, wasAvailable, users, loggedIn, reason } = selection;
  const { limitMinutes, covered, wasCovered } = selection;
  const isOneOfChannels = ({ channel }: { readonly channel: string }) =>
    holds(
      channel,
      channels?.map((each) => (typeof each === "string" ? each : each.name)),
    );
  const own: Details = {
    "Agent Removed": (detail) => holds(detail.reason, reason),
    "Agent Login Changed": (detail) =>
      holds(detail.agent.userId, users) && (loggedIn === undefined || detail.loggedIn === loggedIn),
    "Agent Status Changed": ({ status, previous }) =>
      matchesStatus(status, toStatus) && matchesStatus(previous?.status, fromStatus),
    "Agent Availability Changed": (detail) =>
      matchesStatus(detail.status, inStatus) &&
      (changed === undefined || changed.some((part) => detail.changed.includes(part))),
    "Agent Channel Availability Changed": (detail) =>
      isOneOfChannels(detail) &&
      (available === undefined || detail.available === available) &&
      (wasAvailable === undefined || detail.previous?.available === wasAvailable),
    "Agent Status Overrun": (detail) =>
      matchesStatus(detail.status, inStatus) && holds(detail.limitMinutes, limitMinutes),
    "Channel Coverage Changed": (detail) =>
      isOneOfChannels(detail) &&
      (covered === undefined || detail.covered === covered) &&
      (wasCovered === undefined || detail.previous?.covered === wasCovered),
  };
  const type = event["detail-type"];
  const agent = "agent" in event.detail ? event.detail.agent : {};
  const selected: readonly EventName[] = typeof events === "string" ? [events] : events;
  const holdsForType = own[type] as (detail: unknown) => boolean;
  return (
    selected.includes(type) &&
    holds(event.detail.accountId, selection.accounts) &&
    holds("availabilityId" in agent ? agent.availabilityId : undefined, selection.agents) &&
    holdsForType(event.detail)
  );
}
