import { isDeepStrictEqual } from "node:util";

import { agentOf, compareWithItem, itemAfter } from "../../../local/sample-day/expected-item.ts";
import type { StreamChange } from "../stream-reader.ts";
import {
  type Evidence,
  isBefore,
  isTombstone,
  type Json,
  plain,
  type Position,
  positionOf,
  TIME,
  type Violations,
} from "./evidence.ts";

/** Every event that was sent, by the `webhookId` that its item stores. */
export type SentPayloads = ReadonlyMap<string, object>;

/** Verifies a write of an agent's state: its event was sent and is newer than what it replaced. */
function verifyWrite(change: StreamChange, payloads: SentPayloads, violations: Violations) {
  const { before, after = {} } = change;
  const name = `agent ${change.agent} version ${String(after["version"])}`;
  const payload = payloads.get(String(after["webhookId"]));
  if (payload === undefined || agentOf(payload) !== change.agent) {
    violations.unexpected.push(`${name} was written, but its event was not sent`);
    return;
  }
  if (before !== undefined && compareWithItem(payload, before) <= 0) {
    violations.regressed.push(`${name} is not newer than the version that it replaced`);
  }
  verifyContent(name, after, itemAfter(before, payload, String(after["webhookId"])), violations);
}

function verifyContent(name: string, after: Json, expected: Json, violations: Violations): void {
  const { epoch, receivedAt, ...content } = after;
  const isTimed = Number.isSafeInteger(epoch) && TIME.test(String(receivedAt));
  if (!isTimed || !isDeepStrictEqual(plain(content), plain(expected))) {
    violations.unexpected.push(
      `${name} is ${JSON.stringify(after)}, expected ${JSON.stringify(expected)}`,
    );
  }
}

/** How long the tombstone of a forgotten agent is kept (docs/use/table.md). */
const TOMBSTONE_SECONDS = 30 * 86_400;

/**
 * Verifies that a tombstone contains nothing but the key, the count, and the time of the removal as its order, so
 * that every event raised before the removal is stale.
 */
function verifyTombstone(
  { agent, before = {}, after = {} }: StreamChange,
  violations: Violations,
): void {
  const { removedAt, expiresAt, ...content } = after;
  const { accountId, availabilityId, epoch } = before;
  const removedMs = Date.parse(String(removedAt));
  const removedSeconds = Math.floor(removedMs / 1000);
  const expected = {
    accountId,
    availabilityId,
    epoch,
    version: Number(before["version"]) + 1,
    updatedAt: `${new Date(removedMs || 0).toISOString().slice(0, 19)}.000Z`,
    eventTimestamp: removedMs * 1000,
    contentHash: "",
    removedBecause: "forgotten",
  };
  const isTimed = TIME.test(String(removedAt)) && expiresAt === removedSeconds + TOMBSTONE_SECONDS;
  if (!isTimed || !isDeepStrictEqual(plain(content), plain(expected))) {
    violations.unexpected.push(
      `the tombstone of agent ${agent} is ${JSON.stringify(after)}, expected ${JSON.stringify(expected)}`,
    );
  }
}

function verifyRemoval(
  change: StreamChange,
  { deleted, forgotten }: Pick<Evidence, "deleted" | "forgotten">,
  violations: Violations,
): void {
  const { agent, after } = change;
  if (after) {
    verifyTombstone(change, violations);
  }
  if (!(after ? forgotten : deleted).has(agent)) {
    violations.lost.push(`agent ${agent} was ${after ? "forgotten" : "deleted"} without a request`);
  }
}

/** Verifies that each agent of whom `agent forget` was run has a tombstone. */
export function verifyForgotten(
  forgotten: ReadonlySet<string>,
  chains: ReadonlyMap<string, readonly StreamChange[]>,
  violations: Violations,
): void {
  for (const agent of forgotten) {
    if (!chains.get(agent)?.some(({ after }) => isTombstone(after))) {
      violations.lost.push(`agent ${agent} was not forgotten`);
    }
  }
}

/** Verifies all writes of an agent, in order. */
export function verifyChain(
  chain: readonly StreamChange[],
  payloads: SentPayloads,
  operations: Pick<Evidence, "deleted" | "forgotten">,
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
      verifyRemoval(change, operations, violations);
    } else {
      verifyWrite(change, payloads, violations);
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
    if (!isDeepStrictEqual(plain(stored.get(agent) ?? {}), plain(last ?? {}))) {
      violations.lost.push(`the item of agent ${agent} is not the one that was written last`);
    }
  }
  for (const agent of stored.keys()) {
    if (!chains.has(agent)) {
      violations.unexpected.push(`the table contains agent ${agent}, which was never written`);
    }
  }
}
