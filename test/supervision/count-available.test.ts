import { describe, expect, it } from "@jest/globals";

import { type AvailableEntry, supervisedChannels } from "../builders/supervised-channel.ts";

/** Counts the people in an index with the given entries. */
async function count(minimum: number, entries: readonly AvailableEntry[]) {
  const { available, countAvailable, queries } = supervisedChannels([]);
  available.set("AvailableOnFreshcaller 42", entries);
  const people = await countAvailable("42", { channel: "freshcaller", minimum });
  return { people, queries: queries.map(({ Limit: limit }) => limit) };
}

describe("countAvailable", () => {
  it("counts nobody if the index has no entries of the account", async () => {
    expect(await count(2, [])).toEqual({ people: 0, queries: [2] });
  });

  it("reads no more entries than the minimum, and only one page if each entry is another person", async () => {
    const entries = ["1", "2", "3", "4"].map((availabilityId) => ({ availabilityId }));

    expect(await count(3, entries)).toEqual({ people: 3, queries: [3] });
  });

  it("counts a person with two items once, and continues to read until the minimum is reached", async () => {
    const entries = [
      { availabilityId: "787096", userId: "7" },
      { availabilityId: "user:7", userId: "7" },
      { availabilityId: "787097", userId: "8" },
      { availabilityId: "787098" },
    ];

    expect(await count(1, entries)).toEqual({ people: 1, queries: [1] });
    expect(await count(2, entries)).toEqual({ people: 2, queries: [2, 1] });
    expect(await count(4, entries)).toEqual({ people: 3, queries: [4, 1] });
  });

  it("counts a person with two items once, in either order, even if only one item has the user ID", async () => {
    expect(
      await count(2, [
        { availabilityId: "user:7", userId: "7" },
        { availabilityId: "787096", userId: "7" },
      ]),
    ).toEqual({ people: 1, queries: [2, 1] });
    expect(
      await count(2, [{ availabilityId: "user:7" }, { availabilityId: "787096", userId: "7" }]),
    ).toEqual({ people: 1, queries: [2, 1] });
  });

  it("counts each channel and account separately", async () => {
    const { available, countAvailable } = supervisedChannels([]);
    available.set("AvailableOnFreshcaller 42", [{ availabilityId: "1" }]);
    available.set("AvailableOnFreshchat 42", [{ availabilityId: "1" }, { availabilityId: "2" }]);

    expect(await countAvailable("42", { channel: "freshcaller", minimum: 5 })).toBe(1);
    expect(await countAvailable("42", { channel: "freshchat", minimum: 5 })).toBe(2);
    expect(await countAvailable("43", { channel: "freshcaller", minimum: 5 })).toBe(0);
  });
});
