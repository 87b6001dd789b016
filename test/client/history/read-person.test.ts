import { expect, it } from "@jest/globals";

import { availabilityKeyOf } from "../../../client/history/read-person.ts";
import { joinItems } from "../../../client/lookups/join.ts";
import { aStoredAgent, aStoredSession, aStoredUser } from "../../builders/stored-items.ts";

it("the history of a person follows the availability item that lookups return", () => {
  const updatedAt = "2026-11-28T09:00:00.000Z";
  const older = aStoredAgent({ availabilityId: "2", updatedAt, eventTimestamp: 1 });
  const newer = aStoredAgent({ availabilityId: "1", updatedAt, eventTimestamp: 2 });

  for (const items of [
    [older, newer],
    [newer, older],
  ]) {
    expect(availabilityKeyOf(items)).toBe("1");
    expect(availabilityKeyOf(items)).toBe(joinItems(items)[0]?.item.availabilityId);
  }
});

it("a person without an availability item has no availability key", () => {
  expect(availabilityKeyOf([aStoredUser(), aStoredSession()])).toBeUndefined();
  expect(availabilityKeyOf([])).toBeUndefined();
});
