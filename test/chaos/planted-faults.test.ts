import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { applyEdit } from "./modified-code.ts";
import { plantedFaults } from "./planted-faults.ts";
import { scenarios } from "./scenarios/all-scenarios.ts";

const page = readFileSync(new URL("../../docs/evidence/reliability.md", import.meta.url), "utf8");

const LABELS = {
  lost: "lost",
  unexpected: "unexpected",
  regressed: "regressed",
  outOfOrder: "out of order",
};

describe.each(plantedFaults)("the planted fault $name", ({ title, edit, scenario, detectedAs }) => {
  it("applies to the current source", () => {
    const source = readFileSync(new URL(`../../${edit.file}`, import.meta.url), "utf8");

    expect(applyEdit(source, edit)).not.toBe(source);
  });

  it("names an existing scenario and the violations that it must find", () => {
    expect(scenarios.map(({ name }) => name)).toContain(scenario);
    expect(detectedAs).not.toEqual([]);
  });

  it("is listed on the reliability page with its violations", () => {
    const row = page.split("\n").find((line) => line.replaceAll("`", "").startsWith(`| ${title}`));

    for (const kind of detectedAs) {
      expect(row).toContain(LABELS[kind]);
    }
  });
});

describe("an edit", () => {
  const edit = { file: "functions/bus/event-bus.ts", from: "one", to: "two" };

  it.each([
    ["no longer", "three", 0],
    ["more than once", "one and one", 2],
  ])("fails if the source contains its text %s", (_title, source, count) => {
    expect(() => applyEdit(source, edit)).toThrow(
      `functions/bus/event-bus.ts must contain this text exactly once (got ${count} times): one`,
    );
  });
});
