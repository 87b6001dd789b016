import { describe, expect, it } from "@jest/globals";

import { outcomeOf } from "../../../local/stream-mapping/outcome.ts";

const sequenceNumbers = ["100", "101", "102"];

describe("a function's answer", () => {
  it.each([
    ["nothing", null],
    ["an empty object", {}],
    ["a list without failures", { batchItemFailures: [] }],
    ["no list", { batchItemFailures: null }],
  ])("is success when it is %s", (_words, answer) => {
    const outcome = outcomeOf(answer, sequenceNumbers);

    expect(outcome).toEqual({ kind: "done" });
  });

  it("that names a record makes the batch go on there", () => {
    const answer = { batchItemFailures: [{ itemIdentifier: "101" }] };

    const outcome = outcomeOf(answer, sequenceNumbers);

    expect(outcome).toEqual({ kind: "partly done", failedAt: 1 });
  });

  it("that names several makes it go on at the lowest, whatever their order", () => {
    const answer = { batchItemFailures: [{ itemIdentifier: "102" }, { itemIdentifier: "101" }] };

    const outcome = outcomeOf(answer, sequenceNumbers);

    expect(outcome).toEqual({ kind: "partly done", failedAt: 1 });
  });

  it.each([
    ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["a null identifier", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["an identifier under another name", { batchItemFailures: [{ identifier: "101" }] }],
    [
      "an identifier of no record of the batch",
      { batchItemFailures: [{ itemIdentifier: "102" }, { itemIdentifier: "7" }] },
    ],
    ["failures that are no list", { batchItemFailures: "101" }],
    ["text", "done"],
  ])("fails the whole batch when it is %s", (_words, answer) => {
    const outcome = outcomeOf(answer, sequenceNumbers);

    expect(outcome).toEqual({ kind: "failed" });
  });
});
