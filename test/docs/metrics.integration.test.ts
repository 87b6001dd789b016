import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { at, resourcesOf } from "../lib/synthesized.ts";
import { boardTemplate } from "../lib/board/board.ts";
import { operationsTemplate } from "../lib/operations/stack.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const page = read("docs/operate/metrics.md");

/** The names at the start of the entries of the page's lists. */
const documented = [...page.matchAll(/^ *- (`\w+`[^:]*):/gm)].flatMap(([, cell = ""]) =>
  [...cell.matchAll(/\w+/g)].map(([name]) => name),
);

/** The names that the functions may write: the members of the union types. */
const functionMetrics = [
  ...read("functions/availability/metrics.ts").matchAll(/^ {2}\| "(\w+)"/gm),
].map(([, name = ""]) => name);

/** The names of the metrics that log filters create. */
const filterMetrics = [operationsTemplate(), boardTemplate()]
  .flatMap((template) => Object.values(resourcesOf(template, "AWS::Logs::MetricFilter")))
  .map(({ Properties: { MetricTransformations: transformations } }) =>
    String(at(transformations, 0, "MetricName")),
  );

const known = [...functionMetrics, ...filterMetrics];

describe("docs/operate/metrics.md", () => {
  it("lists every metric that functions and log filters write, and no other", () => {
    expect(functionMetrics.length).toBeGreaterThan(20);
    expect(filterMetrics).toEqual(["RequestsThrottled", "BoardRequestsThrottled"]);
    expect(documented.toSorted()).toEqual(known.toSorted());
  });

  it("contains the number of metrics and their cost", () => {
    expect(page).toContain(
      `There are ${known.length}, so a stage pays at most $${(known.length * 0.3).toFixed(2)} a month`,
    );
  });
});
