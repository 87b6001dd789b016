import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { scenarios } from "../chaos/scenarios/all.ts";

const page = readFileSync(new URL("../../docs/evidence/reliability.md", import.meta.url), "utf8");

/** The cells of a table's rows, without its head. */
function rowsOf(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}

const differences = rowsOf(page.slice(page.indexOf("## What is different on AWS")));
const names = scenarios.map(({ name }) => name);

describe("what is different on AWS", () => {
  const mentioned = differences.flatMap(([cell = ""]) =>
    [...cell.matchAll(/`([\w-]+)`/g)].map(([, name = ""]) => name),
  );
  const inOrder = (list: readonly string[]) => list.toSorted((a, b) => a.localeCompare(b));

  it("is said of every scenario, once", () => {
    expect(inOrder(mentioned)).toEqual(inOrder(names));
  });

  it("can be looked up in AWS's documents, but for what is Freshworks'", () => {
    const without = differences.filter(
      ([, , onAws = ""]) => !onAws.includes("https://docs.aws.amazon.com/"),
    );

    expect(without.map(([cell]) => cell)).toEqual(["`hub-away`"]);
  });
});
