import { setTimeout as sleep } from "node:timers/promises";

import { faultDuration } from "../fault-duration.ts";
import {
  delayBy,
  type Effect,
  respondWith500,
  resetConnection,
  dropResponse,
  throttle,
  withholdResponse,
} from "../fault-proxy/fault-effects.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";

/** Matches a share of the account's writes, but not the write with which a function warms up. */
function matchesShare({ account, random }: ScenarioContext, share: number) {
  return ({ body }: { readonly body: string }) =>
    body.includes(account.accountId) && random.next() < share;
}

/** Sends a history while the fault affects a share of the writes for a few seconds. */
async function duringTableFault(
  context: ScenarioContext,
  effect: Effect,
  { share = 1, seconds = 3 } = {},
): Promise<void> {
  const fault = context.startFault({
    service: "dynamodb",
    operation: "UpdateItem",
    matches: matchesShare(context, share),
    effect,
  });
  const sending = context.traffic.send();
  await Promise.race([faultDuration(seconds, fault), sending.then(async () => await sleep(200))]);
  fault.end();
  context.faultEnded();
  await sending;
}

export const tableFaults: readonly Scenario[] = [
  {
    name: "table-throttled",
    title: "table throttles 75% of the writes",
    short: true,
    run: async (context) => {
      await duringTableFault(context, throttle, { share: 0.75 });
    },
  },
  {
    name: "table-failing",
    title: "table responds with 500 to every write",
    run: async (context) => {
      await duringTableFault(context, respondWith500);
    },
  },
  {
    name: "table-reset",
    title: "table resets 50% of the connections",
    run: async (context) => {
      await duringTableFault(context, resetConnection, { share: 0.5 });
    },
  },
  {
    name: "table-slow",
    title: "table takes 0 to 2 s for 60% of the writes, longer than ingest's timeout",
    short: true,
    run: async (context) => {
      const effect = delayBy(() => context.random.below(2000));
      await duringTableFault(context, effect, { share: 0.6, seconds: 6 });
    },
  },
  {
    name: "table-no-response",
    title: "table does not respond",
    run: async (context) => {
      await duringTableFault(context, withholdResponse, { seconds: 5 });
    },
  },
  {
    name: "table-response-lost",
    title: "table writes, but 50% of its responses are lost",
    short: true,
    run: async (context) => {
      await duringTableFault(context, dropResponse, { share: 0.5 });
    },
  },
];
