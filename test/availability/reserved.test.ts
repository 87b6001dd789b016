import { expect, it } from "@jest/globals";

import { isReserved, PING_ACCOUNT } from "../../functions/availability/reserved.ts";

it.each([PING_ACCOUNT, "_", "_1"])("account ID %s is reserved", (accountId) => {
  expect(isReserved(accountId)).toBe(true);
});

it.each(["11010177632", "1_", "ping", ""])("account ID %j is not reserved", (accountId) => {
  expect(isReserved(accountId)).toBe(false);
});

it("the ID of the ping account does not change, because secrets contain its key under it", () => {
  expect(PING_ACCOUNT).toBe("_ping");
});
