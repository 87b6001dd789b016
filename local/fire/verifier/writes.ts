import { isDeepStrictEqual } from "node:util";

import { agentOf, itemAfter, placeBeside } from "../../sample-day/model.ts";
import type { StreamChange } from "../stream-reader.ts";
import {
  type Findings,
  isBefore,
  isFence,
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
  if (before !== undefined && placeBeside(payload, before) <= 0) {
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

function judgeRemoval({ agent }: StreamChange, isTouched: boolean, findings: Findings): void {
  if (!isTouched) {
    findings.lost.push(`agent ${agent} was removed, and nobody asked for it`);
  }
}

/** Follows an agent's writes from the first to the last. */
export function judgeChain(
  chain: readonly StreamChange[],
  sent: Sent,
  isTouched: boolean,
  findings: Findings,
): void {
  let last: StreamChange["after"];
  let lastPlace: Place = [0, 0];
  for (const change of chain) {
    const { agent, before, after } = change;
    if (!isDeepStrictEqual(before, last)) {
      findings.invented.push(`agent ${agent} was not what its next write replaced`);
    }
    if (after === undefined || isFence(after)) {
      judgeRemoval(change, isTouched, findings);
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
