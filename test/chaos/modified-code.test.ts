import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { applyEdit } from "./modified-code.ts";
import { plantedFaults } from "./planted-faults.ts";
import { UNREADABLE_RECORD } from "./scenarios/dead-lettering.ts";
import { NEW_VERSION } from "./scenarios/function-faults.ts";

const edits = [...plantedFaults.map(({ edit }) => edit), UNREADABLE_RECORD, ...NEW_VERSION];

describe("an edit of the hub's code", () => {
  it.each(edits)("of $file applies to the current source: $from", (edit) => {
    const source = readFileSync(new URL(`../../${edit.file}`, import.meta.url), "utf8");

    expect(applyEdit(source, edit)).not.toBe(source);
  });

  it.each([
    ["no longer", "three", 0],
    ["more than once", "one and one", 2],
  ])("fails if the source contains its text %s", (_title, source, count) => {
    const edit = { file: "functions/bus/event-bus.ts", from: "one", to: "two" };

    expect(() => applyEdit(source, edit)).toThrow(
      `functions/bus/event-bus.ts must contain this text exactly once (got ${count} times): one`,
    );
  });
});
