import { describe, expect, it } from "@jest/globals";

import { differencesFromFreshdesk } from "../../../local/freshdesk-api/shown-facts.ts";
import { aFreshdeskAgent } from "../../builders/freshdesk.ts";

const TIME = "2026-11-28T08:00:00.000Z";
const agent = aFreshdeskAgent(7, { email: "Rachel@acme.example" });

/** An availability item that agrees with the agent. */
const anItem = (differences: object = {}) => ({
  availabilityId: "787",
  userId: "7",
  email: "rachel@acme.example",
  status: { id: "1302477", since: TIME },
  channels: { freshdesk: { available: true } },
  ...differences,
});

describe("differencesFromFreshdesk", () => {
  it.each([
    ["an item with the user ID", anItem({ email: "old@acme.example" })],
    ["an item without a user ID and with the address", anItem({ userId: undefined })],
    [
      "a time that differs within the second",
      anItem({ status: { id: "1302477", since: "2026-11-28T08:00:00.900Z" } }),
    ],
  ])("accepts %s", (_, item) => {
    expect(differencesFromFreshdesk([agent], [item])).toEqual([]);
  });

  it.each([
    [
      "another status",
      { status: { id: "232", since: TIME } },
      "status of agent 7 must be 1302477 as in Freshdesk (got 232)",
    ],
    [
      "another start",
      { status: { id: "1302477", since: "2026-11-28T08:00:01.000Z" } },
      "start of the status of agent 7 must be 1795852800 as in Freshdesk (got 1795852801)",
    ],
    [
      "other availability for tickets",
      { channels: { freshdesk: { available: false } } },
      "availability for tickets of agent 7 must be true as in Freshdesk (got false)",
    ],
    [
      "an unknown availability for tickets",
      { channels: {} },
      "availability for tickets of agent 7 must be true as in Freshdesk (got undefined)",
    ],
  ])("finds %s", (_, differences, message) => {
    expect(differencesFromFreshdesk([agent], [anItem(differences)])).toEqual([message]);
  });

  it("finds an agent without an item, whose session and tombstone do not count", () => {
    const items = [anItem({ availabilityId: "session:7" }), anItem({ removedAt: TIME })];

    expect(differencesFromFreshdesk([agent], items)).toEqual([
      "agent 7 must have one item (got 0)",
    ]);
  });

  it("finds a second item of an agent, and an item without an agent in Freshdesk", () => {
    const items = [
      anItem(),
      anItem({ availabilityId: "user:7" }),
      anItem({ availabilityId: "788", userId: "8" }),
    ];

    expect(differencesFromFreshdesk([agent], items)).toEqual([
      "item 788 belongs to no agent in Freshdesk",
      "agent 7 must have one item (got 2)",
    ]);
  });

  it("does not expect an item of a deactivated agent, or a fact without a time in Freshdesk", () => {
    const items = [anItem({ channels: {} })];
    const shown = [
      { ...agent, availabilityUpdatedAt: undefined },
      aFreshdeskAgent(8, { deactivated: true }),
    ];

    expect(differencesFromFreshdesk(shown, items)).toEqual([]);
  });
});
