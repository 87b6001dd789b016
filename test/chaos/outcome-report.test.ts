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

describe("the report of outcomes", () => {
  it("contains the totals, and a single statement that nothing was violated", () => {
    expect(formatOutcomes([anOutcome([]), anOutcome([])])).toBe(
      "Scenarios: 2. Requests: 156 (42 without a 200 response). Applied changes: 66. Events: 260. Longest recovery: 0.7 s. Nothing was lost, unexpected, regressed or out of order.",
    );
  });

  it("lists the scenarios with a violation in a table", () => {
    const [totals, ...table] = formatOutcomes([anOutcome([]), anOutcome(["event 7"])]).split("\n");

    expect(totals).toMatch(/ Longest recovery: 0\.7 s\.$/);
    expect(table).toEqual([
      "",
      "| scenario    | lost | unexpected | regressed | out of order |",
      "| ----------- | ---: | ---------: | --------: | -----------: |",
      "| table fails |    1 |          0 |         0 |            0 |",
    ]);
  });
});
