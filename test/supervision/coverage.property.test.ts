import { expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { openingPeriodAt, type OpeningHours } from "../../functions/supervision/opening-hours.ts";
import {
  type Call,
  type CoverageDetail,
  supervisedChannels,
} from "../builders/supervised-channel.ts";

const KEY = { accountId: "42", channel: "freshcaller" } as const;
const MINUTE_MS = 60_000;
/** A Monday later than any history. */
const END = Date.parse("2027-03-01T09:00:00.000Z");

const officeHours: OpeningHours[] = [
  { timeZone: "Europe/Berlin", days: ["mon", "tue", "wed"], from: "08:00", to: "12:00" },
  { timeZone: "Europe/Berlin", days: ["mon", "tue", "wed"], from: "13:00", to: "18:00" },
];

/** The outcome of a call: it succeeds, does not arrive, or takes effect while its response is lost. */
const outcome = fc.oneof(
  { weight: 10, arbitrary: fc.constant("succeeds") },
  { weight: 1, arbitrary: fc.constant("is lost") },
  { weight: 1, arbitrary: fc.constant("response is lost") },
);

const step = fc.record({
  people: fc.nat(3),
  minutes: fc.constantFrom(0, 0, 1, 1, 30, 240, 1440),
  // More than one if a change has several messages, messages are duplicated, or the schedule runs at the same time.
  evaluations: fc.nat(3),
  // Calls of all running evaluations, in random order. The others are delayed beyond this step.
  calls: fc.nat(20),
});

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Returns the content of an event that is the same whenever it is published. */
const contentOf = ({ metadata, ...rest }: CoverageDetail) => ({
  ...rest,
  metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== "publishedAt")),
});

/** Runs a history in which calls of concurrent evaluations are interleaved at random, then an evaluation without faults. */
async function publishedIn(
  scheduler: fc.Scheduler,
  history: {
    readonly steps: readonly Step[];
    readonly outcomes: readonly string[];
    readonly hours: OpeningHours[] | undefined;
    readonly minimum: number;
  },
) {
  const outcomes = [...history.outcomes];
  const call: Call = async (kind, apply) => {
    const callOutcome = outcomes.shift() ?? "succeeds";
    await scheduler.schedule(Promise.resolve(), `${kind} is sent`);
    if (callOutcome === "is lost") {
      throw new Error("the call did not arrive");
    }
    const response = apply();
    await scheduler.schedule(Promise.resolve(), `${kind} returns`);
    if (callOutcome === "response is lost") {
      throw new Error("the response was lost");
    }
    return response;
  };
  const { minimum, hours } = history;
  const channels = supervisedChannels([{ channel: KEY.channel, minimum, hours }], call);
  const { available, clock, evaluate, published, table } = channels;
  const running: Promise<unknown>[] = [];
  const start = () => running.push(evaluate(KEY).catch(() => undefined));
  const finish = async () => await scheduler.waitFor(Promise.all(running));
  const open = (count: number) => {
    const people = Array.from({ length: count }, (_, id) => ({ availabilityId: String(id) }));
    available.set("AvailableOnFreshcaller 42", people);
  };

  for (const { people, minutes, evaluations, calls } of history.steps) {
    open(people);
    clock.now += minutes * MINUTE_MS;
    Array.from({ length: evaluations }, start);
    await scheduler.waitNext(Math.min(calls, scheduler.count()));
  }
  await finish();
  outcomes.length = 0;
  // The channel is open at this time in every history, so that the final state is evaluated.
  clock.now = END;
  start();
  await finish();
  const actual = (available.get("AvailableOnFreshcaller 42") ?? []).length;
  return { published, covered: actual >= minimum, stored: await scheduler.waitFor(table.get(KEY)) };
}

it("published events alternate, have versions 1 to n and end in the actual state, despite failures and overlapping evaluations", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.record({
        steps: fc.array(step, { minLength: 5, maxLength: 25 }),
        outcomes: fc.array(outcome, { minLength: 20, maxLength: 200 }),
        hours: fc.constantFrom(undefined, officeHours),
        minimum: fc.integer({ min: 1, max: 2 }),
      }),
      async (scheduler, history) => {
        const { published, covered, stored } = await publishedIn(scheduler, history);

        const byId = Map.groupBy(published, ({ metadata: { id } }) => id);
        const events = [...byId.values()].map(([first]) => first as CoverageDetail);
        // In the order in which each event was first published.
        expect(events.map(({ metadata: { id, version } }) => [id, version])).toEqual(
          events.map((_event, index) => [
            `42/freshcaller/${index + 1}/ChannelCoverageChanged`,
            index + 1,
          ]),
        );
        expect(events.at(-1)?.covered).toBe(covered);
        expect(stored).toMatchObject({ version: events.length, published: true });
        for (const repeated of byId.values()) {
          const contents = repeated.map(contentOf);
          expect(contents).toEqual(contents.map(() => contents[0]));
        }
        const periodOf = ({ since }: CoverageDetail) =>
          openingPeriodAt(history.hours, Date.parse(since));
        expect(events.slice(-1).map(periodOf)).toEqual([openingPeriodAt(history.hours, END)]);
        for (const [index, event] of events.entries()) {
          const before = events[index - 1];
          const isFirst = before === undefined || periodOf(event) !== periodOf(before);
          expect(periodOf(event)).toBeDefined();
          expect([before?.covered, event.previous]).toEqual(
            isFirst
              ? [before?.covered, undefined]
              : [
                  !event.covered,
                  {
                    covered: !event.covered,
                    durationMs: Date.parse(event.since) - Date.parse(before.since),
                  },
                ],
          );
        }
      },
    ),
    { numRuns: 150 },
  );
}, 600_000);
