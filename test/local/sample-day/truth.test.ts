import { describe, expect, it } from "@jest/globals";

import { clockBefore } from "../../../local/sample-day/moments.ts";
import { boltPeople, people } from "../../../local/sample-day/people.ts";
import { startSampleFreshdesk } from "../../../local/sample-day/sample-freshdesk.ts";
import { acme, bolt } from "../../../local/sample-accounts.ts";

const END = new Date("2026-11-28T20:00:00Z");
const timeOf = clockBefore(END);

/** Returns an agent as Freshdesk shows them at a time of the day. */
async function shownAt(at: string, accountId: string, userId: number) {
  const freshdesk = await startSampleFreshdesk();
  try {
    freshdesk.play(END)(timeOf(at));
    return freshdesk.agents(accountId).find((agent) => agent.userId === userId);
  } finally {
    await freshdesk.close();
  }
}

describe("the simulated Freshdesk of the sample day", () => {
  it("shows an agent before the day without a status", async () => {
    expect(await shownAt("07:00:00", acme.accountId, people.zoe.userId)).toEqual({
      userId: people.zoe.userId,
      name: people.zoe.name,
      email: people.zoe.email,
      loggedIn: false,
      available: false,
    });
  });

  it.each([
    ["09:29:59", true, "08:00:07"],
    ["09:30:00", false, "09:30:00"],
    ["12:29:59", true, "10:40:00"],
  ])(
    "shows at %s when an agent's availability for tickets last changed",
    async (at, available, since) => {
      expect(await shownAt(at, acme.accountId, people.zoe.userId)).toMatchObject({
        statusId: 1,
        statusUpdatedAt: timeOf("08:00:07").getTime(),
        available,
        availabilityUpdatedAt: timeOf(since).getTime(),
      });
    },
  );

  it("shows a change although its event is never delivered", async () => {
    const at = timeOf("16:32:00").getTime();

    expect(await shownAt("16:32:00", acme.accountId, people.zoe.userId)).toMatchObject({
      statusId: 6,
      statusUpdatedAt: at,
      available: false,
      availabilityUpdatedAt: at,
    });
  });

  it("shows a change at the time of the change, not of its late delivery", async () => {
    expect(await shownAt("12:10:00", bolt.accountId, boltPeople.yusuf.userId)).toMatchObject({
      available: false,
    });
  });

  it("does not show a deleted agent", async () => {
    expect(await shownAt("18:19:59", acme.accountId, people.ben.userId)).toBeDefined();
    expect(await shownAt("18:20:00", acme.accountId, people.ben.userId)).toBeUndefined();
  });

  it("shows no time of ticket availability for an agent without that channel", async () => {
    const ines = await shownAt("23:00:00", acme.accountId, people.ines.userId);

    expect(ines).toMatchObject({ available: false });
    expect(ines).not.toHaveProperty("availabilityUpdatedAt");
  });
});
