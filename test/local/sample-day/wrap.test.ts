import { describe, expect, it } from "@jest/globals";

import { wrap } from "../../../local/sample-day/wrap.ts";

describe("a line in a narrow terminal", () => {
  it("is broken at spaces, and continued below its text", () => {
    expect(wrap("The hub is unreachable.", 12)).toEqual(["The hub is", "unreachable."]);
    expect(wrap("  => Agent Status Changed: Lunch", 20)).toEqual([
      "  => Agent Status",
      "    Changed: Lunch",
    ]);
  });

  it("stays unchanged if it fits, or if its first word does not fit", () => {
    expect(wrap("12:00:00  Lunch", 15)).toEqual(["12:00:00  Lunch"]);
    expect(wrap("    --table-name", 8)).toEqual(["    --table-name"]);
    expect(wrap("", 8)).toEqual([""]);
  });

  it("is not broken if the output has no width", () => {
    expect(wrap("a ".repeat(500), Infinity)).toHaveLength(1);
  });
});
