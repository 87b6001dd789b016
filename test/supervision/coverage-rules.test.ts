import { describe, expect, it } from "@jest/globals";

import { coverageRuleOf } from "../../functions/supervision/coverage-rules.ts";

const forAll = { channel: "freshcaller", minimum: 1 } as const;
const own = { channel: "freshcaller", minimum: 5, accountId: "42" } as const;
const chat = { channel: "freshchat", minimum: 2, accountId: "42" } as const;

describe("coverageRuleOf", () => {
  it.each([[[forAll, own, chat]], [[chat, own, forAll]]])(
    "prefers the account's own rule to the one for all accounts, in any order",
    (rules) => {
      expect(coverageRuleOf(rules, "42", "freshcaller")).toBe(own);
      expect(coverageRuleOf(rules, "43", "freshcaller")).toBe(forAll);
    },
  );

  it("returns undefined if no rule applies to the channel in the account", () => {
    expect(coverageRuleOf([own, chat], "43", "freshcaller")).toBeUndefined();
    expect(coverageRuleOf([forAll, own], "42", "freshdesk")).toBeUndefined();
  });
});
