import { setTimeout as sleep } from "node:timers/promises";

import * as z from "zod";

import type { ActiveFault, Fault } from "./fault-proxy/proxy.ts";
import { type Delivery, type HistoryOptions, randomHistory } from "./history.ts";
import { type Chance, createChance, seedFor } from "./random.ts";
import { sendAll, type SenderOptions } from "./sender.ts";
import type { Account, Stand } from "./stand.ts";
import { type Verdict, verdictOn } from "./verifier/verdict.ts";

/** One way in which something breaks while a random history goes in. */
export interface Scenario {
  /** Unique, for the command line. */
  readonly name: string;
  /** For the table: what breaks, and how. */
  readonly title: string;
  /** Whether it is part of the short form. */
  readonly short?: true;
  /** Sends, breaks, mends; what it broke has to be whole again when it resolves. */
  readonly run: (run: Run) => Promise<void>;
}

/** How much of a history is sent, and how fast. */
export interface Sending extends Partial<Omit<HistoryOptions, "accountId">> {
  readonly senders?: number;
  /** Milliseconds between two of a sender's requests. */
  readonly pace?: number;
}

/** A scenario at work. */
export interface Run {
  readonly stand: Stand;
  readonly account: Account;
  readonly chance: Chance;
  /** All that was sent so far, and what was answered. */
  readonly deliveries: readonly Delivery[];
  /** Key of the account from now on; a scenario that rotates keys changes it. */
  signingKey: string;
  /** Agents that the scenario forgets, with the command for it. */
  readonly forgotten: Set<string>;
  /** Agents whose item the scenario deletes by hand. */
  readonly deleted: Set<string>;
  /** IDs of dead-lettered events. */
  readonly deadLettered: Set<string>;
  /** Agents with dead-lettered records. */
  readonly unordered: Set<string>;
  /** Switches a fault on. The scenario fails if it never meets a request. */
  readonly fault: (fault: Fault) => ActiveFault;
  /** Counts something that has to have happened, as a fault that is no request's. */
  readonly happened: (what: string, count: number) => void;
  /** Sends a random history until each of its deliveries is answered 200. */
  readonly send: (sending?: Sending) => Promise<void>;
  /** Sends these. */
  readonly deliver: (deliveries: readonly Delivery[], sending?: Sending) => Promise<void>;
  /** Tells of a delivery that somebody else has sent, as the relay app. */
  readonly observed: (delivery: Delivery) => void;
  /** Keeps something worth telling besides the table. */
  readonly note: (words: string) => void;
  /** The fault is over: from now on it is counted how long it takes until all is whole again. */
  readonly mended: () => void;
  /** Waits until every event that must have come has come, except dead-lettered events. */
  readonly untilTold: (milliseconds?: number) => Promise<void>;
}

/** How fast it went; all in milliseconds. */
export interface Load {
  /** From the first request to the last answer. */
  readonly sending: number;
  /** Of each request, until its answer. */
  readonly answers: readonly number[];
  /** Of each event, from when its change was received until it was published. */
  readonly published: readonly number[];
}

/** What came of a scenario. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly sent: number;
  readonly answered: number;
  readonly refused: number;
  readonly events: number;
  readonly load: Load;
  readonly notes: readonly string[];
  readonly verdict: Verdict;
  /** What was never met: faults, and what else had to happen. */
  readonly notMet: readonly string[];
  /** Why it could not be finished, if it could not. */
  readonly failure: string | undefined;
  /** From the end of the fault until nothing was missing. */
  readonly seconds: number;
}

const metadataSchema = z.object({
  id: z.string(),
  receivedAt: z.string().optional(),
  publishedAt: z.string(),
});

/** How long a scenario may take to be whole again. */
const WHOLE_MS = 90_000;

/** How long one history may take to be sent: a burst takes minutes. */
const SENDING_MS = 600_000;

/** Between two looks at whether all is whole. */
const LOOK_MS = 150;

/** After all has come, what repeats may still come. */
const SETTLE_MS = 300;

function wordsOf({ service, operation = "any operation" }: Fault): string {
  return `${service} ${operation}`;
}

interface Tracked {
  readonly what: string;
  readonly hits: () => number;
}

/** How a scenario is run. */
export interface RunOptions {
  /** The same seed sends the same history. */
  readonly seed: number;
  readonly signal: AbortSignal;
  /** How long it may take until all is whole again. @default 90,000 */
  readonly wholeMs?: number;
}

/** Runs one scenario, and judges what it left. Never throws for what the hub does. */
export async function runScenario(
  scenario: Scenario,
  stand: Stand,
  { seed, signal, wholeMs = WHOLE_MS }: RunOptions,
): Promise<Outcome> {
  const account = stand.accounts.get(scenario.name);
  if (account === undefined) {
    throw new Error(`the stand has no account for ${scenario.name}`);
  }
  const { accountId } = account;
  const chance = createChance(seedFor(scenario.name, seed));
  const deliveries: Delivery[] = [];
  const tracked: Tracked[] = [];
  const active: ActiveFault[] = [];
  const notes: string[] = [];
  let mendedAt: number | undefined;
  let sending = 0;

  const evidence = async () => ({
    accountId,
    deliveries,
    ...(await stand.witness.look(accountId)),
    forgotten: run.forgotten,
    deleted: run.deleted,
    deadLettered: run.deadLettered,
    unordered: run.unordered,
  });

  async function untilWhole(milliseconds: number): Promise<void> {
    const until = Date.now() + milliseconds;
    while (verdictOn(await evidence()).lost.length > 0 && Date.now() < until) {
      await sleep(LOOK_MS, undefined, { signal });
    }
  }

  const sender: SenderOptions = {
    ingestUrl: stand.cloud.ingestUrl,
    accountId,
    signingKey: () => run.signingKey,
    now: stand.now,
  };
  const run: Run = {
    stand,
    account,
    chance,
    deliveries,
    signingKey: account.signingKey,
    forgotten: new Set(),
    deleted: new Set(),
    deadLettered: new Set(),
    unordered: new Set(),
    fault: (fault) => {
      const on = stand.proxy.turnOn(fault);
      tracked.push({ what: wordsOf(fault), hits: on.hits });
      active.push(on);
      return on;
    },
    happened: (what, count) => tracked.push({ what, hits: () => count }),
    deliver: async (some, options = {}) => {
      deliveries.push(...some);
      const until = AbortSignal.any([signal, AbortSignal.timeout(SENDING_MS)]);
      const started = performance.now();
      await sendAll(sender, some, { ...options, chance, signal: until });
      sending += performance.now() - started;
    },
    send: async (options = {}) => {
      await run.deliver(randomHistory({ accountId, ...options }, chance), options);
    },
    observed: (delivery) => {
      deliveries.push(delivery);
    },
    note: (words) => {
      notes.push(words);
    },
    mended: () => {
      mendedAt ??= Date.now();
    },
    untilTold: async (milliseconds = WHOLE_MS) => {
      await untilWhole(milliseconds);
    },
  };

  let failure: string | undefined;
  try {
    await scenario.run(run);
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  for (const fault of active) {
    fault.end();
  }
  stand.setClockAhead(0);
  const from = mendedAt ?? Date.now();
  await untilWhole(wholeMs);
  const seconds = (Date.now() - from) / 1000;
  await sleep(SETTLE_MS);
  const seen = await evidence();
  const attempts = deliveries.flatMap((delivery) => delivery.attempts);
  const answered = attempts.filter(({ status }) => status === 200).length;
  const told = seen.events.map(({ detail }) => metadataSchema.parse(detail["metadata"]));
  return {
    scenario,
    sent: attempts.length,
    answered,
    refused: attempts.length - answered,
    events: new Set(told.map(({ id }) => id)).size,
    load: {
      sending,
      answers: attempts.map(({ milliseconds }) => milliseconds),
      published: told.flatMap(({ receivedAt, publishedAt }) =>
        receivedAt === undefined ? [] : Date.parse(publishedAt) - Date.parse(receivedAt),
      ),
    },
    notes,
    verdict: verdictOn(seen),
    notMet: tracked.filter(({ hits }) => hits() < 1).map(({ what }) => what),
    failure,
    seconds,
  };
}

/** Whether the hub broke one of its promises. */
function isBroken({ verdict }: Outcome): boolean {
  const { lost, invented, olderOnTop, outOfOrder } = verdict;
  return [lost, invented, olderOnTop, outOfOrder].some((each) => each.length > 0);
}

/** Whether the hub kept its promises, and was really put to the test. */
export function isPassed(outcome: Outcome): boolean {
  return !isBroken(outcome) && outcome.notMet.length === 0 && outcome.failure === undefined;
}
