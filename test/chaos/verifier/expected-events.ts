import { eventsOf } from "../../../local/sample-day/expected-events.ts";
import { loginEventsOf } from "../../../local/sample-day/expected-person-events.ts";
import type { StreamChange } from "../stream-reader.ts";
import { isTombstone, type Json, asObject, type Position, positionOf } from "./evidence.ts";

/** An event that must arrive. */
export interface ExpectedEvent {
  readonly agent: string;
  /** The item's `receivedAt`; `undefined` for a removal. */
  readonly receivedAt: unknown;
  readonly position: Position;
  readonly detailType: string;
  readonly detail: Json;
}

function idsIn(channels: unknown): Json {
  return Object.fromEntries(
    Object.entries(asObject(channels)).flatMap(([name, entry]) => {
      const { agentId } = asObject(entry);
      return agentId === undefined ? [] : [[name, agentId]];
    }),
  );
}

/** Returns the reason that an agent was removed, and its last known state if the item was deleted; otherwise only IDs. */
function removalDetail(agent: string, before: Json, tombstone: Json | undefined): Json {
  const ids = { availabilityId: agent, userId: before["userId"] };
  return tombstone
    ? { agent: ids, reason: tombstone["removedBecause"] }
    : {
        agent: { ...ids, ids: idsIn(before["channels"]) },
        reason: "item-deleted",
        ...(before["status"] !== undefined && { status: before["status"] }),
        channels: before["channels"],
      };
}

/** The origin of a removal by its reason, unless the tombstone contains it; `operator` for any other. */
const ORIGINS: ReadonlyMap<unknown, string> = new Map([
  ["deleted", "relay"],
  ["merged", "reconcile"],
]);

function removalOf({ agent, before = {}, after, recordedAt }: StreamChange): ExpectedEvent {
  const [epoch, version] = positionOf(before);
  const occurredAt = after?.["removedAt"] ?? recordedAt;
  const metadata = {
    schemaVersion: 1,
    version: version + 1,
    occurredAt,
    origin: after?.["origin"] ?? ORIGINS.get(after?.["removedBecause"]) ?? "operator",
    gap: false,
  };
  return {
    agent,
    receivedAt: undefined,
    position: [epoch, version + 1],
    detailType: "Agent Removed",
    detail: {
      metadata,
      accountId: before["accountId"],
      ...removalDetail(agent, before, after),
    },
  };
}

/** Returns the events that must be published for a write, by ID. */
export function expectedEventsOf(change: StreamChange): [id: string, event: ExpectedEvent][] {
  const { agent, before, after } = change;
  const known = isTombstone(before) ? undefined : before;
  const isSession = agent.startsWith("session:");
  if (after === undefined || isTombstone(after)) {
    const removal = removalOf(change);
    const id = [before?.["accountId"], agent, ...removal.position, "AgentRemoved"].join("/");
    return known && !isSession ? [[id, removal]] : [];
  }
  const position = positionOf(after);
  return (isSession ? loginEventsOf : eventsOf)(known, { ...after }).map(
    ({ id, detailType, detail }) => [
      id.replace("{epoch}", String(position[0])),
      { agent, receivedAt: after["receivedAt"], position, detailType, detail },
    ],
  );
}
