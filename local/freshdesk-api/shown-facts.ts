import type { FreshdeskAgent } from "./state.ts";

/** An item of the hub's table. */
type Item = Readonly<Record<string, unknown>>;

const asObject = (value: unknown): Item =>
  typeof value === "object" && value !== null ? { ...value } : {};

const secondsOf = (time: unknown) => Math.floor(Date.parse(String(time)) / 1000);

/** Returns the facts that the API shows about an agent, with the item's values. An unknown time is not compared. */
function shownFacts(agent: FreshdeskAgent, item: Item) {
  const { statusId, statusUpdatedAt, available, availabilityUpdatedAt } = agent;
  const status = asObject(item["status"]);
  const tickets = asObject(asObject(item["channels"])["freshdesk"]);
  return [
    ...(statusId === undefined || statusUpdatedAt === undefined
      ? []
      : [
          { name: "status", shown: String(statusId), stored: status["id"] },
          {
            name: "start of the status",
            shown: Math.floor(statusUpdatedAt / 1000),
            stored: secondsOf(status["since"]),
          },
        ]),
    ...(availabilityUpdatedAt === undefined
      ? []
      : [{ name: "availability for tickets", shown: available, stored: tickets["available"] }]),
  ];
}

/** Returns whether an item holds the availability of a person: a session and a tombstone do not. */
const isCurrent = (item: Item) =>
  item["removedAt"] === undefined && !String(item["availabilityId"]).startsWith("session:");

/**
 * Describes every difference between the items of an account and the state that the API shows: each agent must have
 * exactly one availability or `user:` item with the agent's status, its start and the availability for tickets, and
 * there must be no other such item.
 */
export function differencesFromFreshdesk(
  agents: readonly FreshdeskAgent[],
  items: readonly Item[],
): string[] {
  const current = items.filter(isCurrent);
  const ofAgent = ({ userId, email }: FreshdeskAgent) =>
    current.filter((item) =>
      item["userId"] === undefined
        ? item["email"] === email.toLowerCase()
        : item["userId"] === String(userId),
    );
  const active = agents.filter(({ deactivated = false }) => !deactivated);
  const known = new Set(active.flatMap(ofAgent));
  return [
    ...current
      .filter((item) => !known.has(item))
      .map((item) => `item ${String(item["availabilityId"])} belongs to no agent in Freshdesk`),
    ...active.flatMap((agent) => {
      const [item, ...others] = ofAgent(agent);
      if (item === undefined || others.length > 0) {
        return [`agent ${agent.userId} must have one item (got ${ofAgent(agent).length})`];
      }
      return shownFacts(agent, item)
        .filter(({ shown, stored }) => shown !== stored)
        .map(
          ({ name, shown, stored }) =>
            `${name} of agent ${agent.userId} must be ${String(shown)} as in Freshdesk (got ${String(stored)})`,
        );
    }),
  ];
}
