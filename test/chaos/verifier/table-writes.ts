import { isDeepStrictEqual } from "node:util";

import type { StreamChange } from "../stream-reader.ts";
import {
  type Evidence,
  isBefore,
  isTombstone,
  type Json,
  toJsonValue,
  type Position,
  positionOf,
  TIME,
  type Violations,
} from "./evidence.ts";
import { possibleWritesOf } from "./possible-writes.ts";
import { verifyRemoval } from "./removals.ts";

/** Every event that was sent, by the `webhookId` that its item stores. */
export type SentPayloads = ReadonlyMap<string, object>;

/** The evidence against which the writes of an account are verified. */
export interface WriteEvidence {
  readonly evidence: Evidence;
  readonly payloads: SentPayloads;
}

/** Verifies a write of an item: an event that was sent leads to it, and is newer than what it replaced. */
function verifyWrite(
  change: StreamChange,
  { evidence, payloads }: WriteEvidence,
  violations: Violations,
) {
  const { before, after = {} } = change;
  const name = `agent ${change.agent} version ${String(after["version"])}`;
  const webhookId = String(after["webhookId"]);
  const payload = payloads.get(webhookId);
  const write =
    payload &&
    possibleWritesOf(payload, evidence.hasCustomStatuses).find(({ key }) => key === change.agent);
  if (write === undefined) {
    violations.unexpected.push(`${name} was written, but its event was not sent`);
    return;
  }
  if (before !== undefined && write.compare(before) <= 0) {
    violations.regressed.push(`${name} is not newer than the version that it replaced`);
  }
  verifyContent(name, after, write.after(before, webhookId), violations);
}

function verifyContent(name: string, after: Json, expected: Json, violations: Violations): void {
  const { epoch, receivedAt, ...content } = after;
  const isTimed = Number.isSafeInteger(epoch) && TIME.test(String(receivedAt));
  if (!isTimed || !isDeepStrictEqual(toJsonValue(content), toJsonValue(expected))) {
    violations.unexpected.push(
      `${name} is ${JSON.stringify(after)}, expected ${JSON.stringify(expected)}`,
    );
  }
}

/** Verifies all writes of an agent, in order. */
export function verifyChain(
  chain: readonly StreamChange[],
  sent: WriteEvidence,
  violations: Violations,
): void {
  let last: StreamChange["after"];
  let lastPosition: Position = [0, 0];
  for (const change of chain) {
    const { agent, before, after } = change;
    if (!isDeepStrictEqual(before, last)) {
      violations.unexpected.push(`agent ${agent} changed between two writes in the stream`);
    }
    if (after === undefined || isTombstone(after)) {
      verifyRemoval(change, sent.evidence, violations);
    } else {
      verifyWrite(change, sent, violations);
    }
    const position = after ? positionOf(after) : lastPosition;
    if (after && !isBefore(lastPosition, position)) {
      violations.regressed.push(
        `agent ${agent} changed from epoch and version ${lastPosition.join()} to ${position.join()}`,
      );
    }
    [last, lastPosition] = [after, position];
  }
}

/** Verifies that the table contains exactly the items that were written last. */
export function verifyItems(
  items: readonly Json[],
  chains: ReadonlyMap<string, readonly StreamChange[]>,
  violations: Violations,
): void {
  const stored = new Map(items.map((item) => [String(item["availabilityId"]), item]));
  for (const [agent, chain] of chains) {
    const last = chain.at(-1)?.after;
    if (!isDeepStrictEqual(toJsonValue(stored.get(agent) ?? {}), toJsonValue(last ?? {}))) {
      violations.lost.push(`the item of agent ${agent} is not the one that was written last`);
    }
  }
  for (const agent of stored.keys()) {
    if (!chains.has(agent)) {
      violations.unexpected.push(`the table contains agent ${agent}, which was never written`);
    }
  }
}
