import { describe, expect, it } from "@jest/globals";
import type { DynamoDBRecord } from "aws-lambda";
import * as fc from "fast-check";

import { deliver, type DiscardedBatch, pauseAfter } from "../../../local/stream-mapping/deliver.ts";
import type { EventSourceMapping } from "../../../local/stream-mapping/event-source-mapping.ts";
import type { InvocationOutcome } from "../../../local/stream-mapping/invocation-outcome.ts";
import { aMapping, aRecord } from "./an-event-source-mapping.ts";

const numbersOf = (records: readonly DynamoDBRecord[]) =>
  records.map(({ dynamodb }) => Number(dynamodb?.SequenceNumber));

const CREATED_AT = 1_795_486_584;

/** Delivers records to a function with these outcomes in turn, then success. */
async function delivered(
  records: readonly DynamoDBRecord[],
  mapping: EventSourceMapping,
  outcomes: readonly InvocationOutcome[],
) {
  const invocations: number[][] = [];
  const pauses: number[] = [];
  const discardedBatches: DiscardedBatch[] = [];
  let now = CREATED_AT * 1000;
  await deliver(records, mapping, {
    invoke: (batch) => {
      const outcome = outcomes[invocations.length] ?? { kind: "succeeded" };
      invocations.push(numbersOf(batch));
      return Promise.resolve(outcome);
    },
    discard: (batch) => {
      discardedBatches.push(batch);
      return Promise.resolve();
    },
    pause: (milliseconds) => {
      pauses.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
    now: () => now,
  });
  const discarded = discardedBatches.map(({ records: numbers, condition, invocations: count }) => ({
    records: numbersOf(numbers),
    condition,
    invocations: count,
  }));
  return { invocations, pauses, discarded };
}

const failed: InvocationOutcome = { kind: "failed" };
const failedAt = (index: number): InvocationOutcome => ({
  kind: "partially failed",
  failedAt: index,
});
const notInvoked: InvocationOutcome = { kind: "not invoked" };
const times = (count: number, outcome: InvocationOutcome) =>
  Array.from({ length: count }, () => outcome);
const records = [1, 2, 3, 4].map((number) => aRecord(number));

describe("delivering a batch", () => {
  it("invokes the function only once, with all records, if that invocation succeeds", async () => {
    const { invocations, discarded } = await delivered(records, aMapping(), []);

    expect(invocations).toEqual([[1, 2, 3, 4]]);
    expect(discarded).toEqual([]);
  });

  it("does not invoke the function without records", async () => {
    const { invocations } = await delivered([], aMapping(), []);

    expect(invocations).toEqual([]);
  });

  it("continues at the reported record, with all that follow", async () => {
    const { invocations } = await delivered(records, aMapping(), [failedAt(2)]);

    expect(invocations).toEqual([
      [1, 2, 3, 4],
      [3, 4],
    ]);
  });

  it("retries the whole batch if the first record was reported", async () => {
    const { invocations } = await delivered(records, aMapping(), [failedAt(0)]);

    expect(invocations).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  it("bisects a batch that failed as a whole, and delivers the second half after the first", async () => {
    const { invocations } = await delivered(records, aMapping(), [failed, failed]);

    expect(invocations).toEqual([[1, 2, 3, 4], [1, 2], [1], [2], [3, 4]]);
  });

  it("puts the odd record into the first half", async () => {
    const { invocations } = await delivered(records.slice(0, 3), aMapping(), [failed]);

    expect(invocations).toEqual([[1, 2, 3], [1, 2], [3]]);
  });

  it("retries a batch that failed as a whole if the mapping does not bisect", async () => {
    const { invocations } = await delivered(records, aMapping({ bisect: false }), [failed]);

    expect(invocations).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  it("holds the later records while one record fails again and again", async () => {
    const mapping = aMapping({ bisect: false });

    const { invocations } = await delivered(records, mapping, times(30, failedAt(0)));

    expect(invocations).toHaveLength(31);
    expect(invocations.every((batch) => batch[0] === 1)).toBe(true);
  });

  it("waits longer after each failure, up to a limit", async () => {
    const mapping = aMapping({ bisect: false });

    const { pauses } = await delivered(records, mapping, times(8, failedAt(0)));

    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 0]);
  });

  it("waits the shortest time again after a record has succeeded", async () => {
    const outcomes = [failedAt(0), failedAt(0), failedAt(1), failedAt(0)];

    const { pauses } = await delivered(records, aMapping(), outcomes);

    expect(pauses).toEqual([100, 200, 100, 200, 0]);
  });
});

describe("discarding", () => {
  const two = records.slice(0, 2);

  it("happens after as many retries as the mapping allows", async () => {
    const mapping = aMapping({ bisect: false, maximumRetryAttempts: 2 });

    const { invocations, discarded } = await delivered(two, mapping, [failed, failed, failed]);

    expect(invocations).toHaveLength(3);
    expect(discarded).toEqual([
      { records: [1, 2], condition: "RetryAttemptsExhausted", invocations: 3 },
    ]);
  });

  it("happens after the first failure if no retry is allowed", async () => {
    const mapping = aMapping({ bisect: false, maximumRetryAttempts: 0 });

    const { invocations, discarded } = await delivered(two, mapping, [failed]);

    expect(invocations).toEqual([[1, 2]]);
    expect(discarded).toEqual([
      { records: [1, 2], condition: "RetryAttemptsExhausted", invocations: 1 },
    ]);
  });

  it("affects only the failing record if the batch was bisected, which does not count as an attempt", async () => {
    const mapping = aMapping({ maximumRetryAttempts: 1 });

    const { invocations, discarded } = await delivered(two, mapping, [failed, failed, failed]);

    expect(invocations).toEqual([[1, 2], [1], [1], [2]]);
    expect(discarded).toEqual([
      { records: [1], condition: "RetryAttemptsExhausted", invocations: 3 },
    ]);
  });

  it("counts a report of the first record as an attempt", async () => {
    const mapping = aMapping({ maximumRetryAttempts: 1 });

    const { discarded } = await delivered(two, mapping, [failedAt(0), failedAt(0)]);

    expect(discarded).toEqual([
      { records: [1, 2], condition: "RetryAttemptsExhausted", invocations: 2 },
    ]);
  });

  it("counts attempts from 0 again if another record becomes the first", async () => {
    const mapping = aMapping({ maximumRetryAttempts: 1 });
    const outcomes = [failedAt(0), failedAt(1), failedAt(0)];

    const { invocations, discarded } = await delivered(two, mapping, outcomes);

    expect(invocations).toEqual([[1, 2], [1, 2], [2], [2]]);
    expect(discarded).toEqual([]);
  });

  it("does not count a request that did not invoke the function", async () => {
    const mapping = aMapping({ bisect: false, maximumRetryAttempts: 0 });

    const { invocations, discarded } = await delivered(two, mapping, times(5, notInvoked));

    expect(invocations).toHaveLength(6);
    expect(discarded).toEqual([]);
  });

  it("affects the records that exceed the maximum age, and no others", async () => {
    const mapping = aMapping({ bisect: false, maximumRecordAge: 60 });
    const older = [
      aRecord(1, CREATED_AT - 59),
      aRecord(2, CREATED_AT - 59),
      aRecord(3, CREATED_AT),
    ];

    const { invocations, discarded } = await delivered(older, mapping, times(5, failed));

    expect(invocations).toEqual([[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [3], [3]]);
    expect(discarded).toEqual([
      { records: [1, 2], condition: "RecordAgeExceeded", invocations: 4 },
    ]);
  });

  it("counts attempts from 0 again if the first record became too old", async () => {
    const mapping = aMapping({ bisect: false, maximumRetryAttempts: 1, maximumRecordAge: 60 });
    const aging = [aRecord(1, CREATED_AT - 60), aRecord(2, CREATED_AT)];

    const { invocations, discarded } = await delivered(aging, mapping, [failed, failed]);

    expect(invocations).toEqual([[1, 2], [2], [2]]);
    expect(discarded).toEqual([{ records: [1], condition: "RecordAgeExceeded", invocations: 1 }]);
  });

  it("affects a record that was too old from the start without an invocation", async () => {
    const mapping = aMapping({ maximumRecordAge: 60 });

    const { invocations, discarded } = await delivered([aRecord(1, CREATED_AT - 61)], mapping, []);

    expect(invocations).toEqual([]);
    expect(discarded).toEqual([{ records: [1], condition: "RecordAgeExceeded", invocations: 0 }]);
  });

  it("depends only on the age if the function cannot be invoked", async () => {
    const mapping = aMapping({ maximumRetryAttempts: 0, maximumRecordAge: 10 });

    const { discarded } = await delivered(two, mapping, times(99, notInvoked));

    expect(discarded).toEqual([
      { records: [1, 2], condition: "RecordAgeExceeded", invocations: 0 },
    ]);
  });

  it("does not affect a record of unknown age", async () => {
    const mapping = aMapping({ maximumRecordAge: 60 });
    const record = { dynamodb: { SequenceNumber: "1" } };

    const { invocations, discarded } = await delivered([record], mapping, []);

    expect(invocations).toEqual([[1]]);
    expect(discarded).toEqual([]);
  });
});

describe("whatever the outcomes are", () => {
  const outcome = fc.oneof(
    fc.constant<InvocationOutcome>(failed),
    fc.constant<InvocationOutcome>(notInvoked),
    fc.constant<InvocationOutcome>({ kind: "succeeded" }),
    fc.nat(20).map(failedAt),
  );
  const mapping = fc
    .record({ bisect: fc.boolean(), maximumRetryAttempts: fc.integer({ min: -1, max: 4 }) })
    .map(aMapping);

  it("every record succeeds or is discarded once, in order", async () => {
    const cases = fc.tuple(
      fc.array(outcome, { maxLength: 60 }),
      mapping,
      fc.integer({ min: 1, max: 20 }),
    );

    await fc.assert(
      fc.asyncProperty(cases, async ([outcomes, settings, count]) => {
        const all = Array.from({ length: count }, (_, index) => index);
        const settled: number[] = [];
        let invocations = 0;
        await deliver(
          all.map((number) => aRecord(number)),
          settings,
          {
            invoke: (batch) => {
              const numbers = numbersOf(batch);
              const result = outcomes[invocations] ?? { kind: "succeeded" };
              invocations += 1;
              expect(numbers[0]).toBe(settled.length);
              if (result.kind === "partially failed") {
                const index = Math.min(result.failedAt, numbers.length - 1);
                settled.push(...numbers.slice(0, index));
                return Promise.resolve(failedAt(index));
              }
              settled.push(...(result.kind === "succeeded" ? numbers : []));
              return Promise.resolve(result);
            },
            discard: ({ records: discarded }) => {
              settled.push(...numbersOf(discarded));
              return Promise.resolve();
            },
            pause: () => Promise.resolve(),
            now: () => CREATED_AT * 1000,
          },
        );
        expect(settled).toEqual(all);
      }),
    );
  });
});

describe("the pause", () => {
  it("is 0 without a failure", () => {
    expect(pauseAfter(0)).toBe(0);
  });
});
