import { expect, it } from "@jest/globals";

import { kindOf, sessionKey, userKey } from "../../functions/availability/item-kind.ts";

it("distinguishes the three kinds of items by their keys", () => {
  expect(userKey("72025350026")).toBe("user:72025350026");
  expect(sessionKey("72025350026")).toBe("session:72025350026");
  expect(kindOf("user:72025350026")).toBe("user");
  expect(kindOf("session:72025350026")).toBe("session");
});

it.each(["787096", "", "user", "users:1", "User:1", "asession:1", " user:1"])(
  "treats %j as the key of an availability item",
  (availabilityId) => {
    expect(kindOf(availabilityId)).toBe("availability");
  },
);
