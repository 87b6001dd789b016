import { between, type ExpectedEvent } from "./expected-events.ts";
import type { ExpectedItem } from "./expected-item.ts";
import { defined } from "./json.ts";

const placeOf = (item: ExpectedItem) =>
  `${String(item["accountId"])}/${String(item["availabilityId"])}/{epoch}/${String(item["version"])}`;

/** Returns the event of a login or logout. `before` is the session, unless it was removed. */
export function loginEventsOf(
  before: ExpectedItem | undefined,
  after: ExpectedItem,
): ExpectedEvent[] {
  const { accountId, userId, loggedIn, since, version, origin, domain, region, webhookId } = after;
  if (before?.["loggedIn"] === loggedIn) {
    return [];
  }
  const previous =
    before &&
    defined({ loggedIn: before["loggedIn"], durationMs: between(before["since"], since) });
  return [
    {
      id: `${placeOf(after)}/AgentLoginChanged`,
      detailType: "Agent Login Changed",
      detail: defined({
        metadata: defined({
          schemaVersion: 1,
          version,
          occurredAt: since ?? after["updatedAt"],
          origin,
          gap: false,
          domain,
          region,
          webhookId,
        }),
        accountId,
        agent: { userId },
        loggedIn,
        since,
        previous,
      }),
    },
  ];
}

/** Returns the event of a removal: none for a session, or if nothing was stored. */
export function removalEventsOf(
  before: ExpectedItem | undefined,
  after: ExpectedItem,
): ExpectedEvent[] {
  const { accountId, availabilityId, version, removedAt, removedBecause } = after;
  if (before === undefined || String(availabilityId).startsWith("session:")) {
    return [];
  }
  return [
    {
      id: `${placeOf(after)}/AgentRemoved`,
      detailType: "Agent Removed",
      detail: {
        metadata: { schemaVersion: 1, version, occurredAt: removedAt, origin: "relay", gap: false },
        accountId,
        agent: defined({ availabilityId, userId: before["userId"] }),
        reason: removedBecause,
      },
    },
  ];
}
