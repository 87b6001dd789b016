import { expect, it } from "@jest/globals";

import { resultOf } from "../../functions/ingest/results.ts";

const stale = { index: 3, availabilityId: "7", outcome: "stale", version: 5 } as const;
const applied = { index: 3, availabilityId: "user:8", outcome: "applied", version: 2 } as const;
const invalid = { index: 3, outcome: "invalid", issues: [] } as const;

it.each([
  ["the one that the table rejected", [stale, applied, invalid], invalid],
  ["else the first that was applied", [stale, applied, { ...applied, version: 9 }], applied],
  ["else the first", [stale, { ...stale, version: 9 }], stale],
])("of several writes of an event, the result is of %s", (_, writes, expected) => {
  expect(resultOf(3, writes)).toBe(expected);
});
