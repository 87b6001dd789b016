import { type Agent, millisecondsSince } from "../../client/lookups/agent-lookup.ts";
import { formatTable } from "../shared/table.ts";
import type { Match } from "./find-agents.ts";
import type { NamedAvailableAgent } from "./list-agents.ts";

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** Formats the time since an instant in its largest unit: `3 min`. */
function formatAge(time: string | undefined, now: Date): string {
  if (time === undefined) {
    return "";
  }
  // Freshdesk's clock may be ahead of this one.
  const milliseconds = Math.max(0, millisecondsSince(time, now));
  const [unit, size] = UNITS.find(([, each]) => milliseconds >= each) ?? ["s", 1000];
  return `${Math.floor(milliseconds / size)} ${unit}`;
}

const formatSince = (time: string | undefined, now: Date) =>
  time === undefined ? "" : `since ${time} (${formatAge(time, now)})`;

function formatAvailability(available: boolean | undefined): string {
  return available === undefined ? "unknown" : available ? "available" : "unavailable";
}

/** Returns since when an agent's availability on a channel has not changed, if that is known. */
function availabilitySince({ since }: Agent, name: string): string | undefined {
  const times = Object.entries(since).find(([channel]) => channel === name)?.[1];
  return times?.availableSince ?? times?.unavailableSince;
}

function channelRow(agent: Agent, name: string, now: Date): [string, string] {
  const { available, agentId } = agent.channels[name] ?? {};
  const parts = [
    formatAvailability(available),
    formatSince(availabilitySince(agent, name), now),
    agentId === undefined ? "" : `as agent ${agentId}`,
  ];
  return [name, parts.filter(Boolean).join(" ")];
}

function formatStatus(status: Agent["status"], now: Date): string {
  return status === undefined
    ? "unknown"
    : [status.name ?? "", `(ID ${status.id})`, formatSince(status.since, now)]
        .filter(Boolean)
        .join(" ");
}

function formatLogin({ loggedIn, loginSince }: Agent, now: Date): string {
  const state = loggedIn === undefined ? "unknown" : loggedIn ? "yes" : "no";
  return [state, formatSince(loginSince, now)].filter(Boolean).join(" ");
}

function formatLastChange({ updatedAt, actor }: Agent, now: Date): string {
  const by = actor && [actor.type, actor.id, actor.name].filter(Boolean).join(" ");
  return `${updatedAt} (${formatAge(updatedAt, now)} ago)${by === undefined ? "" : ` by ${by}`}`;
}

export function formatAgent({ agent, kinds }: Match, now: Date): string[] {
  const rows: readonly [string, string][] = [
    ["account", agent.accountId],
    ["availability ID", agent.availabilityId],
    ["user ID", agent.userId ?? "unknown"],
    ["found by", kinds.join(" and ")],
    ["email", agent.email ?? "unknown"],
    ["status", formatStatus(agent.status, now)],
    ["logged in", formatLogin(agent, now)],
    ...Object.keys(agent.channels).map((name) => channelRow(agent, name, now)),
    ["last change", formatLastChange(agent, now)],
    ["received", `${agent.receivedAt} (${formatAge(agent.receivedAt, now)} ago)`],
    ["version", `${agent.version} of epoch ${agent.epoch}`],
  ];
  return formatTable([agent.name ?? "No name", ""], rows);
}

export function formatAgents(agents: readonly Agent[], now: Date): string[] {
  const names = [...new Set(agents.flatMap(({ channels }) => Object.keys(channels)))].toSorted();
  const rows = agents.map((agent) => [
    agent.availabilityId,
    agent.name ?? "",
    agent.email ?? "",
    agent.status?.name ?? agent.status?.id ?? "",
    ...names.map((name) => {
      const channel = agent.channels[name];
      return channel
        ? `${formatAvailability(channel.available)} ${formatAge(availabilitySince(agent, name), now)}`.trimEnd()
        : "";
    }),
    `${formatAge(agent.updatedAt, now)} ago`,
  ]);
  return formatTable(
    [
      "AVAILABILITY ID",
      "NAME",
      "EMAIL",
      "STATUS",
      ...names.map((name) => name.toUpperCase()),
      "CHANGED",
    ],
    rows,
  );
}

export function formatAvailableAgents(agents: readonly NamedAvailableAgent[], now: Date): string[] {
  return formatTable(
    ["AVAILABLE FOR", "AVAILABLE SINCE", "AGENT ID", "AVAILABILITY ID", "NAME", "EMAIL"],
    agents.map(({ availableSince, agentId, availabilityId, name, email }) => [
      formatAge(availableSince, now),
      availableSince,
      agentId ?? "",
      availabilityId,
      name ?? "",
      email ?? "",
    ]),
  );
}
