import { expect, it } from "@jest/globals";

import { formatTable } from "../../../commands/shared/table.ts";

it("aligns columns by what is printed, not by what is stored", () => {
  expect(
    formatTable(
      ["NAME", "EMAIL"],
      [
        ["Ra\u001B[2Kchel", "r@acme.com"],
        ["Ross", "s@acme.com\n"],
      ],
    ),
  ).toEqual([
    "NAME             EMAIL",
    "Ra\\u{1b}[2Kchel  r@acme.com",
    "Ross             s@acme.com\\n",
  ]);
});

it("has no titles without rows", () => {
  expect(formatTable(["NAME"], [])).toEqual([]);
});
