import { expect, it } from "@jest/globals";

import { isReserved, PING_ACCOUNT } from "../../functions/availability/reserved.ts";

it.each([PING_ACCOUNT, "_", "_1"])("account %s is the hub's own", (accountId) => {
  expect(isReserved(accountId)).toBe(true);
});

it.each(["11010177632", "1_", "ping", ""])("account %j is not", (accountId) => {
  expect(isReserved(accountId)).toBe(false);
});

it("the account that a release is tried with keeps its name, as its key is in secrets by it", () => {
  expect(PING_ACCOUNT).toBe("_ping");
});
