import { type Agent, millisecondsSince } from "../client/lookups/agent-lookup.ts";
import { columns } from "./columns.ts";
import type { Match } from "./find-agents.ts";
import type { NamedAvailable } from "./list-agents.ts";

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** How long ago a time was, in its largest unit: `3 min`. */
function age(time: string | undefined, now: Date): string {
  if (time === undefined) {
    return "";
  }
  // The clock of Freshdesk may be ahead of ours.
  const milliseconds = Math.max(0, millisecondsSince(time, now));
  const [unit, size] = UNITS.find(([, each]) => milliseconds >= each) ?? ["s", 1000];
  return `${Math.floor(milliseconds / size)} ${unit}`;
}

const timed = (time: string | undefined, now: Date) =>
  time === undefined ? "" : `since ${time} (${age(time, now)})`;

function inWords(available: boolean | undefined): string {
  return available === undefined ? "unknown" : available ? "available" : "unavailable";
}

/** Since when an agent has been in a channel as it is, where that is known. */
function sinceIn({ since }: Agent, name: string): string | undefined {
  const times = Object.entries(since).find(([channel]) => channel === name)?.[1];
  return times?.availableSince ?? times?.unavailableSince;
}

function channelRow(agent: Agent, name: string, now: Date): [string, string] {
  const { available, agentId } = agent.channels[name] ?? {};
  const parts = [
    inWords(available),
    timed(sinceIn(agent, name), now),
    agentId === undefined ? "" : `as ${agentId}`,
  ];
  return [name, parts.filter(Boolean).join(" ")];
}

/** All that is known of an agent, for a person to read. */
export function agentInWords({ agent, kinds }: Match, now: Date): string {
  const { status, actor, loggedIn } = agent;
  const rows: readonly [string, string][] = [
    ["account", agent.accountId],
    ["availability id", agent.availabilityId],
    ["found by", kinds.join(" and ")],
    ["e-mail", agent.email ?? "unknown"],
    [
      "status",
      status
        ? [status.name ?? "", `(id ${status.id})`, timed(status.since, now)]
            .filter(Boolean)
            .join(" ")
        : "unknown",
    ],
    ["logged in", loggedIn === undefined ? "unknown" : loggedIn ? "yes" : "no"],
    ...Object.keys(agent.channels).map((name) => channelRow(agent, name, now)),
    [
      "last change",
      `${agent.updatedAt} (${age(agent.updatedAt, now)} ago)${actor ? ` by ${[actor.type, actor.id, actor.name].filter(Boolean).join(" ")}` : ""}`,
    ],
    ["received", `${agent.receivedAt} (${age(agent.receivedAt, now)} ago)`],
    ["version", `${agent.version} of epoch ${agent.epoch}`],
  ];
  return columns([agent.name ?? "No name", ""], rows);
}

/** Everybody, a line each. */
export function agentsInWords(agents: readonly Agent[], now: Date): string {
  const names = [...new Set(agents.flatMap(({ channels }) => Object.keys(channels)))].toSorted();
  const rows = agents.map((agent) => [
    agent.availabilityId,
    agent.name ?? "",
    agent.email ?? "",
    agent.status?.name ?? agent.status?.id ?? "",
    ...names.map((name) => {
      const channel = agent.channels[name];
      return channel
        ? `${inWords(channel.available)} ${age(sinceIn(agent, name), now)}`.trimEnd()
        : "";
    }),
    `${age(agent.updatedAt, now)} ago`,
  ]);
  return columns(
    [
      "AVAILABILITY ID",
      "NAME",
      "E-MAIL",
      "STATUS",
      ...names.map((n) => n.toUpperCase()),
      "CHANGED",
    ],
    rows,
  );
}

/** Who is available, longest waiting first, a line each. */
export function availableInWords(rows: readonly NamedAvailable[], now: Date): string {
  return columns(
    ["WAITING", "AVAILABLE SINCE", "AGENT ID", "AVAILABILITY ID", "NAME", "E-MAIL"],
    rows.map(({ availableSince, agentId, availabilityId, name, email }) => [
      age(availableSince, now),
      availableSince,
      agentId ?? "",
      availabilityId,
      name ?? "",
      email ?? "",
    ]),
  );
}
