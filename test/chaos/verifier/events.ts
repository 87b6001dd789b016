import { isDeepStrictEqual } from "node:util";

import type { ReceivedEvent } from "../../../local/sample-day/listener.ts";
import { type Evidence, type Findings, isBefore, object, plain, TIME } from "./evidence.ts";
import type { Expected } from "./expected.ts";

/** An event without what only the hub can know, which still has to have its form. */
function withoutTimes({ detail }: ReceivedEvent) {
  const { id, epoch, receivedAt, publishedAt, ...metadata } = object(detail["metadata"]);
  const isTimed = typeof publishedAt === "string" && TIME.test(publishedAt);
  return {
    id: String(id),
    epoch: Number(epoch),
    receivedAt,
    detail: plain({ ...detail, metadata: { ...metadata, ...(!isTimed && { times: "wrong" }) } }),
  };
}

function judgeContent(event: ReceivedEvent, must: Expected, findings: Findings): void {
  const { id, epoch, receivedAt, detail } = withoutTimes(event);
  const isRight =
    event["detail-type"] === must.detailType &&
    epoch === must.place[0] &&
    receivedAt === must.receivedAt &&
    isDeepStrictEqual(detail, plain(must.detail));
  if (!isRight) {
    const [is, wanted] = [JSON.stringify(detail), JSON.stringify(must.detail)];
    const times = `received at ${String(receivedAt)}, for ${String(must.receivedAt)}`;
    findings.invented.push(`event ${id} (${times}) is ${is}, and must be ${wanted}`);
  }
}

/**
 * Judges the events that came. They are sent at least once, so a repeat is nothing; but before the first
 * of an agent's newer version every event of its older ones has to have come.
 */
export function judgeEvents(
  { events, deadLettered, unordered }: Pick<Evidence, "events" | "deadLettered" | "unordered">,
  expected: ReadonlyMap<string, Expected>,
  findings: Findings,
): void {
  const byAgent = Map.groupBy(expected, ([, { agent }]) => agent);
  const came = new Set<string>();
  for (const event of events) {
    const { id } = withoutTimes(event);
    const must = expected.get(id);
    if (must === undefined) {
      findings.invented.push(`event ${id} came, and nothing was written that it tells`);
      continue;
    }
    judgeContent(event, must, findings);
    const isMissing = ([other, { place }]: readonly [string, Expected]) =>
      isBefore(place, must.place) && !came.has(other) && !deadLettered.has(other);
    const missing =
      came.has(id) || deadLettered.has(id) || unordered.has(must.agent)
        ? undefined
        : byAgent.get(must.agent)?.find(isMissing);
    if (missing) {
      findings.outOfOrder.push(`event ${id} came before ${missing[0]}`);
    }
    came.add(id);
  }
  const lost = [...expected.keys()].filter((id) => !came.has(id));
  findings.lost.push(...lost.map((id) => `event ${id} never came`));
}
