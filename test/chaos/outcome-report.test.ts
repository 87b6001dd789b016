import { describe, expect, it } from "@jest/globals";

import { formatOutcomes } from "./outcome-report.ts";
import type { Outcome } from "./outcome.ts";
import { scenarios } from "./scenarios/all-scenarios.ts";

const [scenario] = scenarios;

function anOutcome(lost: readonly string[]): Outcome {
  if (scenario === undefined) {
    throw new Error("there must be a scenario (got none)");
  }
  return {
    scenario: { ...scenario, title: "table fails" },
    load: { sending: 0, responses: [], published: [] },
    notes: [],
    verification: { applied: 33, lost, unexpected: [], regressed: [], outOfOrder: [] },
    notOccurred: [],
    error: undefined,
    recoverySeconds: 0.7,
    requests: 78,
    succeeded: 57,
    failed: 21,
    events: 130,
  };
}

describe("the table of outcomes", () => {
  it("states once that nothing was violated, instead of columns of zeros", () => {
    expect(formatOutcomes([anOutcome([])]).split("\n")).toEqual([
      "Nothing was lost, unexpected, regressed or out of order.",
      "",
      "| scenario    | requests | not 200 | applied | events | recovery (s) |",
      "| ----------- | -------: | ------: | ------: | -----: | -----------: |",
      "| table fails |       78 |      21 |      33 |    130 |          0.7 |",
    ]);
  });

  it("has a column for each kind of violation if anything was violated", () => {
    const [header, , row] = formatOutcomes([anOutcome(["event 7"])]).split("\n");

    expect(header).toContain("| lost | unexpected | regressed | out of order | recovery (s) |");
    expect(row).toContain("|    1 |          0 |         0 |            0 |          0.7 |");
  });
});
