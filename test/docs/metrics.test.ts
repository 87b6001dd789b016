import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const page = read("docs/metrics.md");

/** The names in the first column of the page's tables. */
const documented = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name = ""]) => name);

/** The names that the functions may write: the members of the two unions of names. */
const known = [...read("functions/availability/metrics.ts").matchAll(/^ {2}\| "(\w+)"/gm)].map(
  ([, name = ""]) => name,
);

describe("the page of the metrics", () => {
  it("has every metric that the functions write, and no other", () => {
    expect(known.length).toBeGreaterThan(20);
    expect(documented.toSorted()).toEqual(known.toSorted());
  });

  it("counts the bill for as many as there are", () => {
    expect(page).toContain(
      `There are ${known.length}, so a stage pays $${(known.length * 0.3).toFixed(2)} a month at most`,
    );
  });
});
