import { isDeepStrictEqual } from "node:util";

import type { ReceivedEvent } from "../../../local/sample-day/listener.ts";
import {
  type Evidence,
  isBefore,
  asObject,
  toJsonValue,
  TIME,
  type Violations,
} from "./evidence.ts";
import type { ExpectedEvent } from "./expected-events.ts";

/** Separates the values of an event that only the hub knows, and checks the format of `publishedAt`. */
function separate({ detail }: ReceivedEvent) {
  const { id, epoch, receivedAt, publishedAt, ...metadata } = asObject(detail["metadata"]);
  const isTimed = typeof publishedAt === "string" && TIME.test(publishedAt);
  return {
    id: String(id),
    epoch: Number(epoch),
    receivedAt,
    detail: toJsonValue({
      ...detail,
      metadata: { ...metadata, ...(!isTimed && { times: "wrong" }) },
    }),
  };
}

function verifyContent(
  event: ReceivedEvent,
  expected: ExpectedEvent,
  violations: Violations,
): void {
  const { id, epoch, receivedAt, detail } = separate(event);
  const isCorrect =
    event["detail-type"] === expected.detailType &&
    epoch === expected.position[0] &&
    receivedAt === expected.receivedAt &&
    isDeepStrictEqual(detail, toJsonValue(expected.detail));
  if (!isCorrect) {
    const times = `received at ${String(receivedAt)}, expected ${String(expected.receivedAt)}`;
    violations.unexpected.push(
      `event ${id} (${times}) is ${JSON.stringify(detail)}, expected ${JSON.stringify(expected.detail)}`,
    );
  }
}

/**
 * Verifies the received events. Events are published at least once, so repeated events are allowed. Before the
 * first event of an agent's version, all events of its older versions must have arrived.
 */
export function verifyEvents(
  {
    events,
    deadLetteredEventIds,
    unorderedAgents,
  }: Pick<Evidence, "events" | "deadLetteredEventIds" | "unorderedAgents">,
  expectedEvents: ReadonlyMap<string, ExpectedEvent>,
  violations: Violations,
): void {
  const byAgent = Map.groupBy(expectedEvents, ([, { agent }]) => agent);
  const arrived = new Set<string>();

  const olderMissingEvent = ({ agent, position }: ExpectedEvent) =>
    byAgent
      .get(agent)
      ?.find(
        ([id, other]) =>
          isBefore(other.position, position) && !arrived.has(id) && !deadLetteredEventIds.has(id),
      );

  for (const event of events) {
    const { id } = separate(event);
    const expected = expectedEvents.get(id);
    if (expected === undefined) {
      violations.unexpected.push(`event ${id} arrived, but does not result from a write`);
      continue;
    }
    verifyContent(event, expected, violations);
    if (!arrived.has(id) && !deadLetteredEventIds.has(id) && !unorderedAgents.has(expected.agent)) {
      const missing = olderMissingEvent(expected);
      if (missing) {
        violations.outOfOrder.push(`event ${id} arrived before ${missing[0]}`);
      }
    }
    arrived.add(id);
  }
  const lost = [...expectedEvents.keys()].filter((id) => !arrived.has(id));
  violations.lost.push(...lost.map((id) => `event ${id} did not arrive`));
}
