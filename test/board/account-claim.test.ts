import { describe, expect, it } from "@jest/globals";

import { accountsInClaim } from "../../functions/board/account-claim.ts";

describe("the accounts in a token's claim", () => {
  it.each([
    ["an array of strings", ["42", "43"], ["42", "43"]],
    ["the text of an array from API Gateway", "[42 43]", ["42", "43"]],
    ["a JSON array as text", '["42","43"]', ["42", "43"]],
    ["a list with commas", "42, 43", ["42", "43"]],
    ["one account", "42", ["42"]],
  ])("are read from %s", (_title, accounts, expected) => {
    expect([...accountsInClaim(accounts)]).toEqual(expected);
  });

  it.each([
    ["a missing claim", undefined],
    ["a number", 42],
    ["a number in an array", [42]],
    ["an array in an array", [["42"]]],
    ["an ID that ends with a letter", "42x"],
    ["an ID that begins with a letter", "x42"],
    ["a large number in scientific notation", "1.1010177632e+10"],
    ["an empty text", ""],
  ])("do not include %s", (_title, accounts) => {
    expect([...accountsInClaim(accounts)]).toEqual([]);
  });
});
