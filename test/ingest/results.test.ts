import { expect, it } from "@jest/globals";

import { resultOf } from "../../functions/ingest/results.ts";

const stale = { index: 3, availabilityId: "7", outcome: "stale", version: 5 } as const;
const applied = { index: 3, availabilityId: "user:8", outcome: "applied", version: 2 } as const;
const invalid = { index: 3, outcome: "invalid", issues: [] } as const;

it.each([
  ["the write that the table rejected", [stale, applied, invalid], invalid],
  [
    "the first applied write, if none was rejected",
    [stale, applied, { ...applied, version: 9 }],
    applied,
  ],
  ["the first write, if none was rejected or applied", [stale, { ...stale, version: 9 }], stale],
])("the result of an event with several writes is that of %s", (_, writes, expected) => {
  expect(resultOf(3, writes)).toBe(expected);
});
