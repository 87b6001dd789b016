import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { plantedDefects } from "./planted.ts";
import { scenarios } from "./scenarios/all.ts";

const page = readFileSync(new URL("../../docs/evidence/reliability.md", import.meta.url), "utf8");

describe.each(plantedDefects)("the defect $name", ({ title, change, scenario, foundAs }) => {
  it("can be planted: what it replaces is in the source, once", () => {
    const source = readFileSync(new URL(`../../${change.file}`, import.meta.url), "utf8");

    expect(source.split(change.from)).toHaveLength(2);
    expect(change.to).not.toBe(change.from);
  });

  it("has a scenario to be found in, and something to be found as", () => {
    expect(scenarios.map(({ name }) => name)).toContain(scenario);
    expect(foundAs).not.toEqual([]);
  });

  it("is on the page about reliability, with what it is found as", () => {
    const row = page.split("\n").find((line) => line.replaceAll("`", "").startsWith(`| ${title}`));
    const words = {
      lost: "lost",
      outOfOrder: "out of order",
      olderOnTop: "older on top",
      invented: "invented",
    };

    for (const kind of foundAs) {
      expect(row).toContain(words[kind]);
    }
  });
});
