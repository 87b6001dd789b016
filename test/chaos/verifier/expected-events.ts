import { eventsOf } from "../../../local/sample-day/expected-events.ts";
import type { StreamChange } from "../stream-reader.ts";
import { isTombstone, type Json, object, type Position, positionOf } from "./evidence.ts";

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
    Object.entries(object(channels)).flatMap(([name, entry]) => {
      const { agentId } = object(entry);
      return agentId === undefined ? [] : [[name, agentId]];
    }),
  );
}

/** Returns the last known state of a removed agent; only its ID if the agent was forgotten. */
function lastKnown(agent: string, before: Json, isForgotten: boolean): Json {
  return isForgotten
    ? { agent: { availabilityId: agent } }
    : {
        agent: { availabilityId: agent, ids: idsIn(before["channels"]) },
        ...(before["status"] !== undefined && { status: before["status"] }),
        channels: before["channels"],
      };
}

function removalOf({ agent, before = {}, after, recordedAt }: StreamChange): ExpectedEvent {
  const [epoch, version] = positionOf(before);
  const occurredAt = after?.["removedAt"] ?? recordedAt;
  const metadata = {
    schemaVersion: 1,
    version: version + 1,
    occurredAt,
    origin: "operator",
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
      ...lastKnown(agent, before, after !== undefined),
    },
  };
}

/** Returns the events that must be published for a write, by ID. */
export function expectedEventsOf(change: StreamChange): [id: string, event: ExpectedEvent][] {
  const { agent, before, after } = change;
  const known = isTombstone(before) ? undefined : before;
  if (after === undefined || isTombstone(after)) {
    const removal = removalOf(change);
    const id = [before?.["accountId"], agent, ...removal.position, "AgentRemoved"].join("/");
    return known ? [[id, removal]] : [];
  }
  const position = positionOf(after);
  return eventsOf(known, { ...after }).map(({ id, detailType, detail }) => [
    id.replace("{epoch}", String(position[0])),
    { agent, receivedAt: after["receivedAt"], position, detailType, detail },
  ]);
}
