import { describe, expect, it } from "@jest/globals";
import type { DynamoDBRecord } from "aws-lambda";
import * as fc from "fast-check";

import { deliver, type GivenUp, pauseAfter } from "../../../local/stream-mapping/deliver.ts";
import type { Mapping } from "../../../local/stream-mapping/mapping.ts";
import type { Outcome } from "../../../local/stream-mapping/outcome.ts";
import { aMapping, aRecord } from "./a-mapping.ts";

const numbersOf = (records: readonly DynamoDBRecord[]) =>
  records.map(({ dynamodb }) => Number(dynamodb?.SequenceNumber));

const BORN_AT = 1_795_486_584;

/** Delivers records to a function that answers in turn, and in the end that all is done. */
async function delivered(
  records: readonly DynamoDBRecord[],
  mapping: Mapping,
  answers: readonly Outcome[],
) {
  const calls: number[][] = [];
  const pauses: number[] = [];
  const givenUp: GivenUp[] = [];
  let now = BORN_AT * 1000;
  await deliver(records, mapping, {
    call: (batch) => {
      const answer = answers[calls.length] ?? { kind: "done" };
      calls.push(numbersOf(batch));
      return Promise.resolve(answer);
    },
    giveUp: (given) => {
      givenUp.push(given);
      return Promise.resolve();
    },
    pause: (milliseconds) => {
      pauses.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
    now: () => now,
  });
  const lost = givenUp.map(({ records: gone, condition, calls: tried }) => ({
    records: numbersOf(gone),
    condition,
    calls: tried,
  }));
  return { calls, pauses, givenUp: lost };
}

const failed: Outcome = { kind: "failed" };
const failedAt = (place: number): Outcome => ({ kind: "partly done", failedAt: place });
const notCalled: Outcome = { kind: "not called" };
const times = (count: number, outcome: Outcome) => Array.from({ length: count }, () => outcome);
const records = [1, 2, 3, 4].map((number) => aRecord(number));

describe("delivering a batch", () => {
  it("calls the function once with all of it when that succeeds", async () => {
    const { calls, givenUp } = await delivered(records, aMapping(), []);

    expect(calls).toEqual([[1, 2, 3, 4]]);
    expect(givenUp).toEqual([]);
  });

  it("does not call the function for nothing", async () => {
    const { calls } = await delivered([], aMapping(), []);

    expect(calls).toEqual([]);
  });

  it("goes on at the record that was reported, with all that follow it", async () => {
    const { calls } = await delivered(records, aMapping(), [failedAt(2)]);

    expect(calls).toEqual([
      [1, 2, 3, 4],
      [3, 4],
    ]);
  });

  it("repeats all of it when the first record was reported", async () => {
    const { calls } = await delivered(records, aMapping(), [failedAt(0)]);

    expect(calls).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  it("halves what failed as a whole, and delivers the second half after the first", async () => {
    const { calls } = await delivered(records, aMapping(), [failed, failed]);

    expect(calls).toEqual([[1, 2, 3, 4], [1, 2], [1], [2], [3, 4]]);
  });

  it("puts the odd record into the first half", async () => {
    const { calls } = await delivered(records.slice(0, 3), aMapping(), [failed]);

    expect(calls).toEqual([[1, 2, 3], [1, 2], [3]]);
  });

  it("repeats what failed as a whole where the mapping does not halve", async () => {
    const { calls } = await delivered(records, aMapping({ bisect: false }), [failed]);

    expect(calls).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  it("holds what follows until a record is through that fails again and again", async () => {
    const mapping = aMapping({ bisect: false });

    const { calls } = await delivered(records, mapping, times(30, failedAt(0)));

    expect(calls).toHaveLength(31);
    expect(calls.every((call) => call[0] === 1)).toBe(true);
  });

  it("waits longer from failure to failure, up to a limit", async () => {
    const mapping = aMapping({ bisect: false });

    const { pauses } = await delivered(records, mapping, times(8, failedAt(0)));

    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 0]);
  });

  it("waits the shortest time again once a record got through", async () => {
    const answers = [failedAt(0), failedAt(0), failedAt(1), failedAt(0)];

    const { pauses } = await delivered(records, aMapping(), answers);

    expect(pauses).toEqual([100, 200, 100, 200, 0]);
  });
});

describe("giving up", () => {
  const two = records.slice(0, 2);

  it("comes after as many further tries as the mapping allows", async () => {
    const mapping = aMapping({ bisect: false, maximumRetryAttempts: 2 });

    const { calls, givenUp } = await delivered(two, mapping, [failed, failed, failed]);

    expect(calls).toHaveLength(3);
    expect(givenUp).toEqual([{ records: [1, 2], condition: "RetryAttemptsExhausted", calls: 3 }]);
  });

  it("comes at the first failure where no further try is allowed", async () => {
    const mapping = aMapping({ bisect: false, maximumRetryAttempts: 0 });

    const { calls, givenUp } = await delivered(two, mapping, [failed]);

    expect(calls).toEqual([[1, 2]]);
    expect(givenUp).toEqual([{ records: [1, 2], condition: "RetryAttemptsExhausted", calls: 1 }]);
  });

  it("takes the failing record alone when the batch was halved, and halving is no try", async () => {
    const mapping = aMapping({ maximumRetryAttempts: 1 });

    const { calls, givenUp } = await delivered(two, mapping, [failed, failed, failed]);

    expect(calls).toEqual([[1, 2], [1], [1], [2]]);
    expect(givenUp).toEqual([{ records: [1], condition: "RetryAttemptsExhausted", calls: 3 }]);
  });

  it("counts a report of the first record as a try", async () => {
    const mapping = aMapping({ maximumRetryAttempts: 1 });

    const { givenUp } = await delivered(two, mapping, [failedAt(0), failedAt(0)]);

    expect(givenUp).toEqual([{ records: [1, 2], condition: "RetryAttemptsExhausted", calls: 2 }]);
  });

  it("counts tries anew when the first record is another one", async () => {
    const mapping = aMapping({ maximumRetryAttempts: 1 });
    const answers = [failedAt(0), failedAt(1), failedAt(0)];

    const { calls, givenUp } = await delivered(two, mapping, answers);

    expect(calls).toEqual([[1, 2], [1, 2], [2], [2]]);
    expect(givenUp).toEqual([]);
  });

  it("does not count a call that could not be made", async () => {
    const mapping = aMapping({ bisect: false, maximumRetryAttempts: 0 });

    const { calls, givenUp } = await delivered(two, mapping, times(5, notCalled));

    expect(calls).toHaveLength(6);
    expect(givenUp).toEqual([]);
  });

  it("takes what became older than the mapping carries, and only that", async () => {
    const mapping = aMapping({ bisect: false, maximumRecordAge: 60 });
    const older = [aRecord(1, BORN_AT - 59), aRecord(2, BORN_AT - 59), aRecord(3, BORN_AT)];

    const { calls, givenUp } = await delivered(older, mapping, times(5, failed));

    expect(calls).toEqual([[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [3], [3]]);
    expect(givenUp).toEqual([{ records: [1, 2], condition: "RecordAgeExceeded", calls: 4 }]);
  });

  it("counts tries anew when the first record became too old", async () => {
    const mapping = aMapping({ bisect: false, maximumRetryAttempts: 1, maximumRecordAge: 60 });
    const aging = [aRecord(1, BORN_AT - 60), aRecord(2, BORN_AT)];

    const { calls, givenUp } = await delivered(aging, mapping, [failed, failed]);

    expect(calls).toEqual([[1, 2], [2], [2]]);
    expect(givenUp).toEqual([{ records: [1], condition: "RecordAgeExceeded", calls: 1 }]);
  });

  it("takes what was too old from the beginning without a call", async () => {
    const mapping = aMapping({ maximumRecordAge: 60 });

    const { calls, givenUp } = await delivered([aRecord(1, BORN_AT - 61)], mapping, []);

    expect(calls).toEqual([]);
    expect(givenUp).toEqual([{ records: [1], condition: "RecordAgeExceeded", calls: 0 }]);
  });

  it("limits by age alone how long a call that cannot be made is repeated", async () => {
    const mapping = aMapping({ maximumRetryAttempts: 0, maximumRecordAge: 10 });

    const { givenUp } = await delivered(two, mapping, times(99, notCalled));

    expect(givenUp).toEqual([{ records: [1, 2], condition: "RecordAgeExceeded", calls: 0 }]);
  });

  it("does not happen to a record whose age is not known", async () => {
    const mapping = aMapping({ maximumRecordAge: 60 });
    const record = { dynamodb: { SequenceNumber: "1" } };

    const { calls, givenUp } = await delivered([record], mapping, []);

    expect(calls).toEqual([[1]]);
    expect(givenUp).toEqual([]);
  });
});

describe("whatever a function answers", () => {
  const outcome = fc.oneof(
    fc.constant<Outcome>(failed),
    fc.constant<Outcome>(notCalled),
    fc.constant<Outcome>({ kind: "done" }),
    fc.nat(20).map(failedAt),
  );
  const mapping = fc
    .record({ bisect: fc.boolean(), maximumRetryAttempts: fc.integer({ min: -1, max: 4 }) })
    .map(aMapping);

  it("every record is taken or given up once, in order, and none before those ahead of it", async () => {
    const cases = fc.tuple(
      fc.array(outcome, { maxLength: 60 }),
      mapping,
      fc.integer({ min: 1, max: 20 }),
    );

    await fc.assert(
      fc.asyncProperty(cases, async ([answers, settings, count]) => {
        const all = Array.from({ length: count }, (_, index) => index);
        const settled: number[] = [];
        let calls = 0;
        await deliver(
          all.map((number) => aRecord(number)),
          settings,
          {
            call: (batch) => {
              const numbers = numbersOf(batch);
              const answer = answers[calls] ?? { kind: "done" };
              calls += 1;
              expect(numbers[0]).toBe(settled.length);
              if (answer.kind === "partly done") {
                const place = Math.min(answer.failedAt, numbers.length - 1);
                settled.push(...numbers.slice(0, place));
                return Promise.resolve(failedAt(place));
              }
              settled.push(...(answer.kind === "done" ? numbers : []));
              return Promise.resolve(answer);
            },
            giveUp: ({ records: gone }) => {
              settled.push(...numbersOf(gone));
              return Promise.resolve();
            },
            pause: () => Promise.resolve(),
            now: () => BORN_AT * 1000,
          },
        );
        expect(settled).toEqual(all);
      }),
    );
  });
});

describe("the pause", () => {
  it("is none after no failure", () => {
    expect(pauseAfter(0)).toBe(0);
  });
});
