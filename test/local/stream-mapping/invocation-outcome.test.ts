import { describe, expect, it } from "@jest/globals";

import { outcomeOf } from "../../../local/stream-mapping/invocation-outcome.ts";

const sequenceNumbers = ["100", "101", "102"];

describe("a function's response", () => {
  it.each([
    ["nothing", null],
    ["an empty object", {}],
    ["an empty list", { batchItemFailures: [] }],
    ["null instead of a list", { batchItemFailures: null }],
  ])("is success if it is %s", (_, response) => {
    const outcome = outcomeOf(response, sequenceNumbers);

    expect(outcome).toEqual({ kind: "succeeded" });
  });

  it("continues the batch at the record that it contains", () => {
    const response = { batchItemFailures: [{ itemIdentifier: "101" }] };

    const outcome = outcomeOf(response, sequenceNumbers);

    expect(outcome).toEqual({ kind: "partially failed", failedAt: 1 });
  });

  it("continues the batch at the lowest of several records, whatever their order", () => {
    const response = { batchItemFailures: [{ itemIdentifier: "102" }, { itemIdentifier: "101" }] };

    const outcome = outcomeOf(response, sequenceNumbers);

    expect(outcome).toEqual({ kind: "partially failed", failedAt: 1 });
  });

  it.each([
    ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["a null identifier", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["an identifier under another name", { batchItemFailures: [{ identifier: "101" }] }],
    [
      "an identifier that is not in the batch",
      { batchItemFailures: [{ itemIdentifier: "102" }, { itemIdentifier: "7" }] },
    ],
    ["text instead of a list", { batchItemFailures: "101" }],
    ["text", "done"],
  ])("fails the whole batch if it is %s", (_, response) => {
    const outcome = outcomeOf(response, sequenceNumbers);

    expect(outcome).toEqual({ kind: "failed" });
  });
});
