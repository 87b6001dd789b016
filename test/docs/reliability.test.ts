import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { scenarios } from "../chaos/scenarios/all-scenarios.ts";

const page = readFileSync(new URL("../../docs/evidence/reliability.md", import.meta.url), "utf8");

/** Returns the cells of a table's rows, without its header. */
function rowsOf(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}

const differences = rowsOf(page.slice(page.indexOf("## Differences from AWS")));
const names = scenarios.map(({ name }) => name);

describe("the differences from AWS", () => {
  const mentioned = differences.flatMap(([cell = ""]) =>
    [...cell.matchAll(/`([\w-]+)`/g)].map(([, name = ""]) => name),
  );
  const inOrder = (list: readonly string[]) => list.toSorted((a, b) => a.localeCompare(b));

  it("include every scenario once", () => {
    expect(inOrder(mentioned)).toEqual(inOrder(names));
  });

  it("link to the documentation of AWS, except for the limits of Freshworks", () => {
    const withoutLink = differences.filter(
      ([, onAws = ""]) => !onAws.includes("https://docs.aws.amazon.com/"),
    );

    expect(withoutLink.map(([cell]) => cell)).toEqual(["`hub-outage`"]);
  });
});
