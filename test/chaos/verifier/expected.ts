import { eventsOf } from "../../../local/sample-day/expected-events.ts";
import type { StreamChange } from "../stream-reader.ts";
import { isTombstone, type Json, object, type Place, placeOf } from "./evidence.ts";

/** An event that must have come. */
export interface Expected {
  readonly agent: string;
  /** What the write says; of a removal nothing was received. */
  readonly receivedAt: unknown;
  readonly place: Place;
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

/** Of a deletion all that was known is told; of a forgotten agent nothing but who it was. */
function lastKnown(agent: string, before: Json, isForgotten: boolean): Json {
  return isForgotten
    ? { agent: { availabilityId: agent } }
    : {
        agent: { availabilityId: agent, ids: idsIn(before["channels"]) },
        ...(before["status"] !== undefined && { status: before["status"] }),
        channels: before["channels"],
      };
}

function removed({ agent, before = {}, after, recordedAt }: StreamChange): Expected {
  const [epoch, version] = placeOf(before);
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
    place: [epoch, version + 1],
    detailType: "Agent Removed",
    detail: {
      metadata,
      accountId: before["accountId"],
      ...lastKnown(agent, before, after !== undefined),
    },
  };
}

/** The events, by id, that a write must have been told by. */
export function eventsFor(change: StreamChange): [id: string, expected: Expected][] {
  const { agent, before, after } = change;
  const known = isTombstone(before) ? undefined : before;
  if (after === undefined || isTombstone(after)) {
    const removal = removed(change);
    const id = [before?.["accountId"], agent, ...removal.place, "AgentRemoved"].join("/");
    return known ? [[id, removal]] : [];
  }
  const place = placeOf(after);
  return eventsOf(known, { ...after }).map(({ id, detailType, detail }) => [
    id.replace("{epoch}", String(place[0])),
    { agent, receivedAt: after["receivedAt"], place, detailType, detail },
  ]);
}
