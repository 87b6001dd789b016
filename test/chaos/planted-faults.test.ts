import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { plantedFaults } from "./planted-faults.ts";
import { scenarios } from "./scenarios/all-scenarios.ts";

const page = readFileSync(new URL("../../docs/evidence/reliability.md", import.meta.url), "utf8");

const LABELS = {
  lost: "lost",
  unexpected: "unexpected",
  regressed: "regressed",
  outOfOrder: "out of order",
};

describe.each(plantedFaults)("the planted fault $name", ({ title, scenario, detectedAs }) => {
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
