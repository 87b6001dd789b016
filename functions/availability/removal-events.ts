import { agentOf } from "./agent-of.ts";
import type { DetailOf } from "./catalogue.ts";
import { removalMetadata } from "./event-metadata.ts";
import type { AvailabilityEvent, EventOptions } from "./typed-event.ts";
import type { AgentState, RemovalReason, Tombstone } from "./state.ts";

/** The origin of a removal by reason, unless the tombstone contains the origin. */
const origins: Readonly<Record<RemovalReason, string>> = {
  forgotten: "operator",
  deleted: "relay",
  merged: "reconcile",
};

/** Returns the origin of a removal: `operator`, `relay` or `reconcile`. */
export const removalOriginOf = ({ origin, removedBecause }: Tombstone): string =>
  origin ?? origins[removedBecause];

function removalEvent(
  accountId: string,
  metadata: ReturnType<typeof removalMetadata>,
  rest: Pick<DetailOf<"Agent Removed">, "agent" | "reason" | "status" | "channels">,
): AvailabilityEvent {
  return { detailType: "Agent Removed", detail: { metadata, accountId, ...rest } };
}

/**
 * Returns the event of an agent's item that was deleted from the table. A deletion leaves no version behind, so
 * its event has the version after the last one.
 */
export function deletionEvents(
  last: AgentState | undefined,
  occurredAt: string,
  options: EventOptions,
): AvailabilityEvent[] {
  if (last === undefined) {
    return [];
  }
  const { accountId, status, channels, version } = last;
  const place = { ...last, version: version + 1 };
  const metadata = removalMetadata(place, { occurredAt, origin: "operator" });
  const agent = agentOf(last, options);
  return [removalEvent(accountId, metadata, { agent, reason: "item-deleted", status, channels })];
}

/** Returns the event of an agent's item that a tombstone replaced. The event contains only IDs. */
export function tombstoneEvents(
  last: AgentState | undefined,
  tombstone: Tombstone,
): AvailabilityEvent[] {
  if (last === undefined) {
    return [];
  }
  const { accountId, availabilityId, removedAt: occurredAt, removedBecause: reason } = tombstone;
  const origin = removalOriginOf(tombstone);
  const metadata = removalMetadata(tombstone, { occurredAt, origin });
  const agent = { availabilityId, userId: last.userId };
  return [removalEvent(accountId, metadata, { agent, reason })];
}
