import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { sessionKey, userKey } from "../../functions/availability/item-kind.ts";
import { reconcile } from "../../functions/availability/reconcile.ts";
import type { AgentSnapshot } from "../../functions/availability/snapshot.ts";
import { apply, writesOf } from "../../functions/reconcile/apply.ts";
import { createAgentStore } from "../../functions/store/agent-store.ts";
import type { ItemEvent } from "../../functions/store/write.ts";
import { aReconciledTable } from "../builders/reconciled-table.ts";

/**
 * Random histories of one person: changes whose events are lost, repeated, late or out of order, and sweeps whose
 * snapshots are a few seconds old. Each new status has the number of its change as its ID.
 */

const ACCOUNT = "11010177632";
const USER = "72025350026";
const EMAIL = "rachel@acme.example";
const START = Date.parse("2026-11-28T08:00:00.000Z");
const isoOf = (milliseconds: number) => new Date(milliseconds).toISOString();
const secondOf = (milliseconds: number) => isoOf(Math.floor(milliseconds / 1000) * 1000);

const stored = aReconciledTable();
const store = createAgentStore(new DynamoDBClient(), "agents");

/** One change in Freshdesk, and the deliveries of its events. */
interface Change {
  /** Milliseconds since the previous change. */
  readonly after: number;
  readonly entersStatus: boolean;
  readonly tickets: boolean;
  readonly chat: boolean;
  readonly loggedIn: boolean;
  /** Milliseconds after the change at which each copy of its event arrives; none if it is lost. */
  readonly arrivals: readonly number[];
  readonly loginArrivals: readonly number[];
}

/** The state in Freshdesk since a change. */
interface Truth {
  readonly at: number;
  readonly statusId: string;
  readonly statusSince: number;
  readonly tickets: boolean;
  readonly ticketsSince: number;
  readonly chat: boolean;
  readonly loggedIn: boolean;
}

const delay = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 900_000 }));

const changeArbitrary: fc.Arbitrary<Change> = fc.record({
  after: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 300_000 })),
  entersStatus: fc.integer({ min: 0, max: 3 }).map((value) => value === 0),
  tickets: fc.boolean(),
  chat: fc.boolean(),
  loggedIn: fc.boolean(),
  arrivals: fc.array(delay, { maxLength: 2 }),
  loginArrivals: fc.array(delay, { maxLength: 2 }),
});

/** A sweep soon after one of the changes, or at any time. */
interface Sweep {
  readonly changeIndex: number;
  /** Milliseconds since the change. */
  readonly after: number;
  readonly lag: number;
}

const sweepArbitrary: fc.Arbitrary<Sweep> = fc.record({
  changeIndex: fc.integer({ min: 0, max: 7 }),
  after: fc.oneof(fc.integer({ min: 0, max: 6000 }), fc.integer({ min: 0, max: 900_000 })),
  lag: fc.integer({ min: 0, max: 5000 }),
});

function truthsOf(changes: readonly Change[]): readonly Truth[] {
  let at = START;
  let last: Truth | undefined;
  return changes.map((change, index) => {
    at += change.after;
    const isNewStatus = last === undefined || change.entersStatus;
    const isTicketChange = last?.tickets !== change.tickets;
    last = {
      at,
      statusId: isNewStatus ? String(index + 1) : (last?.statusId ?? ""),
      statusSince: isNewStatus ? at : (last?.statusSince ?? at),
      tickets: change.tickets,
      ticketsSince: isTicketChange ? at : (last?.ticketsSince ?? at),
      chat: change.chat,
      loggedIn: change.loggedIn,
    };
    return last;
  });
}

function availabilityEvent(truth: Truth): ItemEvent {
  return {
    accountId: ACCOUNT,
    availabilityId: "787096",
    updatedAt: secondOf(truth.at),
    eventTimestamp: truth.at * 1000,
    reportedChannelChanges: [],
    content: {
      email: EMAIL,
      loggedIn: truth.loggedIn,
      status: { id: truth.statusId, name: "Status", since: secondOf(truth.statusSince) },
      channels: { freshdesk: { available: truth.tickets }, freshchat: { available: truth.chat } },
    },
  };
}

function loginEvent({ at, loggedIn }: Truth): ItemEvent {
  return {
    accountId: ACCOUNT,
    availabilityId: sessionKey(USER),
    userId: USER,
    updatedAt: isoOf(at),
    eventTimestamp: at * 1000,
    content: { email: EMAIL, loggedIn },
  };
}

function snapshotAt(truths: readonly Truth[], time: number, lag: number): AgentSnapshot[] {
  const truth = truths.findLast(({ at }) => at <= time - lag);
  return truth === undefined
    ? []
    : [
        {
          userId: USER,
          email: EMAIL,
          loggedIn: truth.loggedIn,
          statusId: truth.statusId,
          statusSince: secondOf(truth.statusSince),
          ticketsAvailable: truth.tickets,
          ticketsSince: secondOf(truth.ticketsSince),
          isDeactivated: false,
          requestedAt: isoOf(time),
        },
      ];
}

async function sweepAt(truths: readonly Truth[], time: number, lag = 0) {
  const { items } = await stored.store.items(ACCOUNT);
  const snapshots = snapshotAt(truths, time, lag);
  const result = reconcile({ snapshots, isComplete: false, items, now: new Date(time) });
  const account = { accountId: ACCOUNT, domain: "acme.freshdesk.com", receivedAt: isoOf(time) };
  return await apply(stored.store, writesOf(result, account), { writePauseMs: 0 });
}

async function deliver(event: ItemEvent, time: number): Promise<void> {
  const delivery = { webhookId: "w", receivedAt: isoOf(time), origin: "relay" } as const;
  await store.apply(event, delivery, new AbortController().signal);
}

/** An action at a given time. */
interface Step {
  readonly time: number;
  readonly run: (time: number) => Promise<unknown>;
}

function deliveries(changes: readonly Change[], truths: readonly Truth[]): readonly Step[] {
  return truths.flatMap((truth, index) => {
    const { arrivals = [], loginArrivals = [] } = changes[index] ?? {};
    const step =
      (event: ItemEvent) =>
      (delayMs: number): Step => ({
        time: truth.at + delayMs,
        run: async (time) => {
          await deliver(event, time);
        },
      });
    const isLogin = truths[index - 1]?.loggedIn !== truth.loggedIn;
    return [
      ...arrivals.map(step(availabilityEvent(truth))),
      ...(isLogin ? loginArrivals.map(step(loginEvent(truth))) : []),
    ];
  });
}

function sweepSteps(sweeps: readonly Sweep[], truths: readonly Truth[]): readonly Step[] {
  return sweeps.map(({ changeIndex, after, lag }) => ({
    time: (truths[changeIndex % truths.length]?.at ?? START) + after,
    run: async (time) => await sweepAt(truths, time, lag),
  }));
}

async function play(steps: readonly Step[]): Promise<void> {
  stored.table.items.clear();
  stored.table.images.length = 0;
  stored.client.resetHistory();
  for (const { time, run } of steps.toSorted((one, other) => one.time - other.time)) {
    await run(time);
  }
}

/** Returns the item with the person's availability. */
function currentItem() {
  const user = stored.item(userKey(USER));
  return stored.item("787096") ?? (user?.["removedAt"] === undefined ? user : undefined);
}

/** Returns the facts of the person's item that Freshdesk's API shows as well. */
function currentFacts() {
  const item = currentItem() as
    | {
        readonly status?: { readonly id: string; readonly since: string };
        readonly channels: { readonly freshdesk?: { readonly available: boolean } };
      }
    | undefined;
  return {
    statusId: item?.status?.id,
    since: item?.status?.since,
    tickets: item?.channels.freshdesk?.available,
  };
}

function factsOf(truth: Truth | undefined) {
  const since = truth && secondOf(truth.statusSince);
  return { statusId: truth?.statusId, since, tickets: truth?.tickets };
}

const histories = fc.record({
  changes: fc.array(changeArbitrary, { minLength: 1, maxLength: 8 }),
  sweeps: fc.array(sweepArbitrary, { maxLength: 5 }),
});

/** Long after the last change and the last event. */
const LATER_MS = 5_000_000;

async function playAll({
  changes,
  sweeps,
}: {
  changes: readonly Change[];
  sweeps: readonly Sweep[];
}) {
  const truths = truthsOf(changes);
  const steps = sweepSteps(sweeps, truths);
  await play([...deliveries(changes, truths), ...steps]);
  return truths;
}

const RUNS = { numRuns: 300 };

describe("any interleaving of events and sweeps", () => {
  it("converges to Freshdesk's state after a sweep, with one item per person; another sweep writes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const truths = await playAll(history);
        await sweepAt(truths, START + LATER_MS);

        expect(currentFacts()).toEqual(factsOf(truths.at(-1)));
        const counts = await sweepAt(truths, START + 2 * LATER_MS);
        expect(Object.values(counts).every((count) => count === 0)).toBe(true);
        const live = ["787096", userKey(USER)].filter(
          (key) => stored.item(key) !== undefined && stored.item(key)?.["removedAt"] === undefined,
        );
        expect(live).toHaveLength(1);
        const session = stored.item(sessionKey(USER));
        const event = stored.item("787096");
        const isSessionNewer =
          Number(session?.["eventTimestamp"] ?? 0) >= Number(event?.["eventTimestamp"] ?? 0);
        const effective = isSessionNewer ? session : event;
        expect(effective?.["loggedIn"]).toBe(truths.at(-1)?.loggedIn);
      }),
      RUNS,
    );
  });

  it("ends in Freshdesk's state even if events arrive after the sweep that repaired them", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ changes, sweeps }) => {
        const truths = truthsOf(changes);
        const events = deliveries(changes, truths);
        const [early, late] = [0, 1].map((part) => events.filter((_, index) => index % 2 === part));
        const lagging = sweepSteps(sweeps, truths);
        await play([...(early ?? []), ...lagging]);
        await sweepAt(truths, START + LATER_MS);
        // The first event of an agent is compared by the next sweep.
        fc.pre(stored.item("787096") !== undefined);

        for (const { run } of late ?? []) {
          await run(START + LATER_MS + 1);
        }

        expect(currentFacts()).toEqual(factsOf(truths.at(-1)));
      }),
      RUNS,
    );
  });

  it("never replaces a newer status with an older one, and counts every change", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        await playAll(history);

        const images = stored.table.images.filter(
          ({ after }) => after["availabilityId"]?.S === "787096",
        );
        for (const { before, after } of images) {
          const [from, to] = [before, after].map((image) =>
            Number(image?.["status"]?.M?.["id"]?.S ?? 0),
          );
          expect(to).toBeGreaterThanOrEqual(from ?? 0);
          const isReconciledAtOnly = after["version"]?.N === before?.["version"]?.N;
          const version = Number(before?.["version"]?.N ?? 0) + (isReconciledAtOnly ? 0 : 1);
          expect(Number(after["version"]?.N)).toBe(version);
        }
      }),
      RUNS,
    );
  });
});
