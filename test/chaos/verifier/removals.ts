import { isDeepStrictEqual } from "node:util";

import { agentEventIn } from "../../../local/sample-day/expected-agent-event.ts";
import type { StreamChange } from "../stream-reader.ts";
import {
  type Evidence,
  isTombstone,
  type Json,
  toJsonValue,
  TIME,
  type Violations,
} from "./evidence.ts";
import { isDeletion, removalBy } from "./possible-writes.ts";

/** Period for which a tombstone is kept (docs/limits.md). */
const TOMBSTONE_SECONDS = 30 * 86_400;

const isAvailabilityKey = (key: string) => !key.includes(":");

/** Returns all deletions that were sent, whether or not they had a response. */
const deletionsIn = ({ deliveries }: Pick<Evidence, "deliveries">) =>
  deliveries.flatMap(({ payloads }) => payloads.filter(isDeletion)).map(agentEventIn);

type Deletion = ReturnType<typeof deletionsIn>[number];

/** Returns whether an item is the deleted person's, or has no user ID and the person's email address. */
function isOwn({ userId, email }: Deletion, key: string, item: Json): boolean {
  if (!isAvailabilityKey(key)) {
    return [`user:${userId}`, `session:${userId}`].includes(key);
  }
  const byAddress = item["userId"] === undefined && email !== undefined && item["email"] === email;
  return item["userId"] === userId || byAddress;
}

function reportDifference(
  { agent, after = {} }: StreamChange,
  expected: Json,
  violations: Violations,
): void {
  const { epoch: _epoch, ...content } = after;
  const isCounted = Number.isSafeInteger(after["epoch"]);
  if (!isCounted || !isDeepStrictEqual(toJsonValue(content), toJsonValue(expected))) {
    violations.unexpected.push(
      `the tombstone of agent ${agent} is ${JSON.stringify(after)}, expected ${JSON.stringify(expected)}`,
    );
  }
}

/** Verifies the tombstone of a deletion: the item must have been the person's own, and older. */
function verifyDeletion(change: StreamChange, deletion: Deletion, violations: Violations): void {
  const { agent, before } = change;
  const removal = removalBy(deletion, agent);
  if (before !== undefined && !isTombstone(before) && !isOwn(deletion, agent, before)) {
    violations.unexpected.push(`agent ${agent} was removed by the deletion of another person`);
  }
  if (before !== undefined && removal.compare(before) <= 0) {
    violations.regressed.push(`the removal of agent ${agent} is not newer than what it replaced`);
  }
  reportDifference(change, removal.after(before, ""), violations);
}

/** Verifies that the tombstone of a forgotten agent contains nothing but its key, its order and the removal. */
function verifyForgetting(change: StreamChange, violations: Violations): void {
  const { agent, before, after = {} } = change;
  const { accountId, availabilityId, removedAt } = after;
  const milliseconds = TIME.test(String(removedAt)) ? Date.parse(String(removedAt)) : 0;
  const seconds = Math.floor(milliseconds / 1000);
  const hasMilliseconds = !isAvailabilityKey(agent);
  const expected = {
    accountId,
    availabilityId,
    version: Number(before?.["version"] ?? 0) + 1,
    updatedAt: new Date(hasMilliseconds ? milliseconds : seconds * 1000).toISOString(),
    eventTimestamp: milliseconds * 1000,
    contentHash: "",
    removedAt,
    removedBecause: "forgotten",
    expiresAt: seconds + TOMBSTONE_SECONDS,
  };
  reportDifference(change, expected, violations);
}

/** Verifies a write that has removed an item: an operator or a deletion must have requested it. */
export function verifyRemoval(change: StreamChange, evidence: Evidence, violations: Violations) {
  const { agent, before = {}, after } = change;
  if (after === undefined) {
    if (!evidence.deletedAgents.has(agent)) {
      violations.lost.push(`agent ${agent} was deleted without a request`);
    }
    return;
  }
  // Several people may be deleted at the same time.
  const deletions = deletionsIn(evidence).filter(
    (each) => removalBy(each, agent).compare(after) === 0,
  );
  const deletion = deletions.find((each) => isOwn(each, agent, before)) ?? deletions[0];
  if (deletion) {
    verifyDeletion(change, deletion, violations);
    return;
  }
  verifyForgetting(change, violations);
  if (!evidence.forgottenKeys.has(agent)) {
    violations.lost.push(`agent ${agent} was forgotten without a request`);
  }
}

/**
 * Verifies that no deletion with a 200 response has left an older availability item of the person, whom only
 * the email address connects with the item. Scenarios do not change the address of a person whom they delete,
 * and let the hub store the item before.
 */
export function verifyDeleted(evidence: Evidence, violations: Violations): void {
  const received = evidence.deliveries.filter(({ attempts }) =>
    attempts.some(({ status }) => status === 200),
  );
  for (const deletion of deletionsIn({ deliveries: received })) {
    for (const item of evidence.items) {
      const key = String(item["availabilityId"]);
      const isOlder = removalBy(deletion, key).compare(item) > 0;
      if (isOlder && isAvailabilityKey(key) && !isTombstone(item) && isOwn(deletion, key, item)) {
        violations.lost.push(`agent ${key} remains after the deletion of user ${deletion.userId}`);
      }
    }
  }
}

/** Verifies that each item on which `agent forget` was run has a tombstone. */
export function verifyForgotten(
  forgottenKeys: ReadonlySet<string>,
  chains: ReadonlyMap<string, readonly StreamChange[]>,
  violations: Violations,
): void {
  for (const agent of forgottenKeys) {
    const isForgotten = chains
      .get(agent)
      ?.some(({ after }) => after?.["removedBecause"] === "forgotten");
    if (isForgotten !== true) {
      violations.lost.push(`agent ${agent} was not forgotten`);
    }
  }
}
