import { isDeepStrictEqual } from "node:util";

import { agentOf, itemAfter, compareWithItem } from "../../../local/sample-day/expected-item.ts";
import type { StreamChange } from "../stream-reader.ts";
import {
  type Evidence,
  type Findings,
  isBefore,
  isTombstone,
  type Json,
  type Place,
  placeOf,
  plain,
  TIME,
} from "./evidence.ts";

/** Every event that was sent, by the `webhookId` that the table shows for it. */
export type Sent = ReadonlyMap<string, object>;

/** Judges one write to the table: was it asked for, and was it allowed? */
function judgeChange(change: StreamChange, sent: Sent, findings: Findings) {
  const { before, after = {} } = change;
  const name = `agent ${change.agent} version ${String(after["version"])}`;
  const payload = sent.get(String(after["webhookId"]));
  if (payload === undefined || agentOf(payload) !== change.agent) {
    findings.invented.push(`${name} was written, and nobody sent it`);
    return;
  }
  if (before !== undefined && compareWithItem(payload, before) <= 0) {
    findings.olderOnTop.push(`${name} is not newer than what it replaced`);
  }
  judgeContent(
    { name, after, must: itemAfter(before, payload, String(after["webhookId"])) },
    findings,
  );
}

function judgeContent(
  { name, after, must }: { readonly name: string; readonly after: Json; readonly must: Json },
  findings: Findings,
): void {
  const { epoch, receivedAt, ...written } = after;
  const isTimed = Number.isSafeInteger(epoch) && TIME.test(String(receivedAt));
  if (!isTimed || !isDeepStrictEqual(plain(written), plain(must))) {
    const [is, wanted] = [JSON.stringify(after), JSON.stringify(must)];
    findings.invented.push(`${name} is ${is}, and must be ${wanted}`);
  }
}

/** What operators did to agents. */
type Operated = Pick<Evidence, "deleted" | "forgotten">;

/** How long the tombstone of a forgotten agent stays, in seconds (docs/use/table.md). */
const TOMBSTONE_S = 30 * 86_400;

/** Of a forgotten agent its ids, its count and its place in the order of changes are left, and nothing else. */
function checkTombstone(
  { agent, before = {}, after = {} }: StreamChange,
  findings: Findings,
): void {
  const { removedAt, expiresAt, ...left } = after;
  const { accountId, availabilityId, epoch, updatedAt, eventTimestamp, contentHash } = before;
  const version = Number(before["version"]) + 1;
  const place = { epoch, version, updatedAt, eventTimestamp, contentHash };
  const must = { accountId, availabilityId, ...place, removedBecause: "forgotten" };
  const isTimed =
    TIME.test(String(removedAt)) &&
    expiresAt === Math.floor(Date.parse(String(removedAt)) / 1000) + TOMBSTONE_S;
  if (!isTimed || !isDeepStrictEqual(plain(left), plain(must))) {
    const [is, wanted] = [JSON.stringify(after), JSON.stringify(must)];
    findings.invented.push(`of agent ${agent} is left ${is}, and must be ${wanted}`);
  }
}

function judgeRemoval(
  change: StreamChange,
  { deleted, forgotten }: Operated,
  findings: Findings,
): void {
  const { agent, after } = change;
  if (!(after ? forgotten : deleted).has(agent)) {
    const what = after ? "forgotten" : "deleted";
    findings.lost.push(`agent ${agent} was ${what}, and nobody asked for it`);
  }
  if (after) {
    checkTombstone(change, findings);
  }
}

/** Whoever was to be forgotten has to have been. */
export function judgeForgotten(
  forgotten: ReadonlySet<string>,
  chains: ReadonlyMap<string, readonly StreamChange[]>,
  findings: Findings,
): void {
  for (const agent of forgotten) {
    if (!chains.get(agent)?.some(({ after }) => isTombstone(after))) {
      findings.lost.push(`agent ${agent} was to be forgotten, and is not`);
    }
  }
}

/** Follows an agent's writes from the first to the last. */
export function judgeChain(
  chain: readonly StreamChange[],
  sent: Sent,
  operated: Operated,
  findings: Findings,
): void {
  let last: StreamChange["after"];
  let lastPlace: Place = [0, 0];
  for (const change of chain) {
    const { agent, before, after } = change;
    if (!isDeepStrictEqual(before, last)) {
      findings.invented.push(`agent ${agent} was not what its next write replaced`);
    }
    if (after === undefined || isTombstone(after)) {
      judgeRemoval(change, operated, findings);
    } else {
      judgeChange(change, sent, findings);
    }
    const place = after ? placeOf(after) : lastPlace;
    if (after && !isBefore(lastPlace, place)) {
      findings.olderOnTop.push(`agent ${agent} goes from ${lastPlace.join()} to ${place.join()}`);
    }
    [last, lastPlace] = [after, place];
  }
}

/** Holds what lies in the table against what was written last. */
export function judgeItems(
  items: readonly Json[],
  chains: ReadonlyMap<string, readonly StreamChange[]>,
  findings: Findings,
): void {
  const stored = new Map(items.map((item) => [String(item["availabilityId"]), item]));
  for (const [agent, chain] of chains) {
    const last = chain.at(-1)?.after;
    if (!isDeepStrictEqual(plain(stored.get(agent) ?? {}), plain(last ?? {}))) {
      findings.lost.push(`agent ${agent} is not in the table as it was written last`);
    }
  }
  for (const agent of stored.keys()) {
    if (!chains.has(agent)) {
      findings.invented.push(`agent ${agent} is in the table, and was never written`);
    }
  }
}
