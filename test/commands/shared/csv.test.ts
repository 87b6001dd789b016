import { describe, expect, it } from "@jest/globals";

import { formatCsvRecord } from "../../../commands/shared/csv.ts";

describe("a record of CSV", () => {
  it("separates cells by commas and ends as in RFC 4180", () => {
    expect(formatCsvRecord(["787096", "Rachel", "7.25"])).toBe("787096,Rachel,7.25\r\n");
  });

  it.each([
    ["Green, Rachel", '"Green, Rachel"'],
    ['Rachel "Rach" Green', '"Rachel ""Rach"" Green"'],
    ["Rachel\nGreen", '"Rachel\nGreen"'],
    ["Rachel\r\nGreen", '"Rachel\r\nGreen"'],
    ["Jürgen", "Jürgen"],
    ["", ""],
  ])("quotes the cell %j only if it must", (cell, expected) => {
    expect(formatCsvRecord([cell])).toBe(`${expected}\r\n`);
  });

  it.each([
    ["=HYPERLINK(A1)", "'=HYPERLINK(A1)"],
    ["+49 30 1", "'+49 30 1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ["\r=1", `"'\r=1"`],
    ["＝1", "'＝1"],
    ['=1,"2"', `"'=1,""2"""`],
    ["a=1", "a=1"],
  ])("does not run the cell %j as a formula", (cell, expected) => {
    expect(formatCsvRecord([cell])).toBe(`${expected}\r\n`);
  });
});
