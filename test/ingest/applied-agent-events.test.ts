import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import { aDeletionPayload, anAgentPayload } from "../../tools/fakes/agent-payload.ts";
import { aSession, aTombstone, anItem } from "../builders/item.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { anIngest } from "../builders/an-ingest.ts";

const USER = "72025350026";
const login = anAgentPayload({ login: [false, true] });
const tickets = anAgentPayload({ modelChanges: { available: [false, true] } });
const item = (overrides: Record<string, AttributeValue> = {}) =>
  anItem({ updatedAt: { S: "2025-11-20T07:00:00.000Z" }, ...overrides });
const aDeletion = (agent: object = {}) => aDeletionPayload({ agent: { ...agent } });

describe("an agent update", () => {
  it("writes only the session in an account with custom statuses", async () => {
    const hub = anIngest();

    expect(await hub.send(login)).toEqual([
      { index: 0, availabilityId: `session:${USER}`, outcome: "applied", version: 1 },
    ]);
    expect(hub.keys()).toEqual([`session:${USER}`]);
    expect(hub.stored(`session:${USER}`)).toEqual({
      accountId: { S: "11010177632" },
      availabilityId: { S: `session:${USER}` },
      epoch: { N: expect.any(String) },
      version: { N: "1" },
      updatedAt: { S: "2025-11-20T08:00:00.120Z" },
      eventTimestamp: { N: "1763625600120394" },
      contentHash: { S: expect.stringMatching(/^[\w-]{22}$/) },
      userId: { S: USER },
      email: { S: "rachel@acme.com" },
      loggedIn: { BOOL: true },
      since: { S: "2025-11-20T08:00:00.120Z" },
      domain: { S: "acme.freshdesk.com" },
      region: { S: "US" },
      receivedAt: { S: expect.any(String) },
      webhookId: { S: "w" },
      origin: { S: "relay" },
    });
    expect(hub.counts()).toEqual({ AgentUpdatesReceived: 1, SessionItemsWritten: 1 });
  });

  it("writes both items in an account without custom statuses, and returns the key of the user: item", async () => {
    const hub = anIngest({ hasCustomStatuses: false });

    expect(await hub.send(login)).toEqual([
      { index: 0, availabilityId: `user:${USER}`, outcome: "applied", version: 1 },
    ]);
    expect(hub.keys()).toEqual([`session:${USER}`, `user:${USER}`]);
    expect(hub.stored(`user:${USER}`)).toMatchObject({
      userId: { S: USER },
      name: { S: "Rachel" },
      email: { S: "rachel@acme.com" },
      channels: { M: { freshdesk: { M: { available: { BOOL: true } } } } },
      freshdeskAvailableSince: { S: "2025-11-20T08:00:00.120Z" },
    });
    expect(hub.counts()).toEqual({
      AgentUpdatesReceived: 1,
      SessionItemsWritten: 1,
      UserItemsWritten: 1,
    });
  });

  it("keeps the status of a user: item, which only reconcile writes", async () => {
    const status = { M: { id: { S: "232" } } };
    const user = item({ availabilityId: { S: `user:${USER}` }, status });
    const hub = anIngest({ items: [user], hasCustomStatuses: false });

    await hub.send(tickets);

    expect(hub.stored(`user:${USER}`)).toMatchObject({ version: { N: "8" }, status });
    expect(hub.stored(`user:${USER}`)).not.toHaveProperty("freshchatAgentId");
  });

  it("increases the version even if it only confirms the login state", async () => {
    const hub = anIngest();
    await hub.send(login);

    const again = { ...login, timestamp: login.timestamp + 60 };
    expect(await hub.send(again)).toMatchObject([{ outcome: "applied", version: 2 }]);
    expect(await hub.send(again)).toMatchObject([{ outcome: "duplicate", version: 2 }]);
    expect(await hub.send(login)).toMatchObject([{ outcome: "stale", version: 2 }]);
  });

  it("leads to the same login state if a login and a logout have the same time, in either order", async () => {
    const logout = anAgentPayload({ login: [true, false] });
    const ends = [];
    for (const events of [
      [login, logout],
      [logout, login],
    ]) {
      const hub = anIngest();
      for (const event of events) {
        await hub.send(event);
      }
      const { contentHash, loggedIn } = hub.stored(`session:${USER}`) ?? {};
      ends.push({ contentHash, loggedIn });
    }

    expect(ends[1]).toEqual(ends[0]);
  });

  it.each([
    ["only a profile", anAgentPayload()],
    ["a login state that did not change", anAgentPayload({ login: [true, true] })],
    ["an undisclosed login state", anAgentPayload({ login: ["*", false] })],
    ["the availability for tickets", tickets],
  ])(
    "that contains %s is a duplicate without a key in an account with custom statuses",
    async (_, payload) => {
      const hub = anIngest();

      expect(await hub.send(payload)).toEqual([{ index: 0, outcome: "duplicate", version: 0 }]);
      expect(hub.calls()).toEqual([]);
    },
  );

  it("without availability is a duplicate in an account without custom statuses", async () => {
    const hub = anIngest({ hasCustomStatuses: false });

    expect(await hub.send(anAgentPayload({ agent: { available: null } }))).toEqual([
      { index: 0, outcome: "duplicate", version: 0 },
    ]);
    expect(hub.keys()).toEqual([]);
  });

  it("returns the key of the user: item although another event of the batch writes only the session", async () => {
    const hub = anIngest({ hasCustomStatuses: false });
    const onlyLogin = anAgentPayload({
      agent: { available: null },
      login: [true, false],
      timestamp: login.timestamp - 60,
    });

    expect(await hub.send({ events: [onlyLogin, login] })).toMatchObject([
      { availabilityId: `session:${USER}`, outcome: "applied", version: 1 },
      { availabilityId: `user:${USER}`, outcome: "applied", version: 1 },
    ]);
  });

  it("is written in chronological order within each item, whatever the order in the batch", async () => {
    const hub = anIngest({ hasCustomStatuses: false });
    const at = (seconds: number, value: boolean) =>
      anAgentPayload({ login: [!value, value], timestamp: login.timestamp + seconds });

    const results = await hub.send({ events: [at(20, false), at(0, true), at(10, false)] });

    expect(results.map(({ outcome }) => outcome)).toEqual(["applied", "applied", "applied"]);
    expect(results).toMatchObject([{ version: 3 }, { version: 1 }, { version: 2 }]);
    expect(hub.stored(`session:${USER}`)).toMatchObject({ version: { N: "3" } });
  });
});

describe("a deletion", () => {
  const removed = {
    removedBecause: { S: "deleted" },
    removedAt: { S: "2025-11-20T08:00:00.120Z" },
  };

  it("writes tombstones even if nothing is stored, before it searches for the availability item", async () => {
    const hub = anIngest();

    expect(await hub.send(aDeletion())).toEqual([
      { index: 0, availabilityId: `user:${USER}`, outcome: "applied", version: 1 },
    ]);
    expect(hub.calls()).toEqual([`user:${USER}`, `session:${USER}`, "ByUserId", "ByEmail"]);
    expect(hub.stored(`session:${USER}`)).toEqual({
      accountId: { S: "11010177632" },
      availabilityId: { S: `session:${USER}` },
      epoch: { N: expect.any(String) },
      version: { N: "1" },
      updatedAt: { S: "2025-11-20T08:00:00.120Z" },
      eventTimestamp: { N: "1763625600120394" },
      contentHash: { S: "" },
      expiresAt: { N: String(Date.parse("2025-12-20T08:00:00.000Z") / 1000) },
      ...removed,
    });
    expect(await hub.send({ ...login, timestamp: login.timestamp - 1 })).toMatchObject([
      { outcome: "stale", version: 1 },
    ]);
    expect(hub.counts()).toMatchObject({ AgentUpdatesReceived: 2, AgentsRemoved: 1 });
  });

  it.each([
    ["its user ID, whatever the address", { userId: { S: USER }, email: { S: "other@acme.com" } }],
    ["its email address, if it has no user ID", { email: { S: "rachel@acme.com" } }],
  ])("removes the availability item that it finds by %s", async (_, overrides) => {
    const reconciledAt = { S: "2025-11-20T07:30:00.000Z" };
    const hub = anIngest({ items: [item({ ...overrides, reconciledAt })] });

    await hub.send(aDeletion({ email: "RACHEL@acme.com" }));

    expect(hub.stored("787096")).toEqual({
      accountId: { S: "11010177632" },
      availabilityId: { S: "787096" },
      epoch: { N: "1795486584641" },
      version: { N: "8" },
      updatedAt: { S: "2025-11-20T08:00:00.000Z" },
      eventTimestamp: { N: "1763625600120394" },
      contentHash: { S: "" },
      expiresAt: { N: expect.any(String) },
      ...removed,
    });
  });

  it("removes the availability item with its user ID although the event contains no address", async () => {
    const hub = anIngest({ items: [item({ userId: { S: USER } })] });

    await hub.send(aDeletion({ email: "" }));

    expect(hub.stored("787096")).toMatchObject(removed);
    expect(hub.calls()).not.toContain("ByEmail");
  });

  const address = { email: { S: "rachel@acme.com" } };
  const otherPersonsSession = aSession({ availabilityId: { S: "session:9" }, userId: { S: "9" } });
  it.each([
    ["has another user ID", aDeletion(), [item({ ...address, userId: { S: "9" } })]],
    [
      "has an address that another person's session has too",
      aDeletion(),
      [item(), otherPersonsSession],
    ],
    [
      "has an address that another availability item has too",
      aDeletion(),
      [item(), item({ availabilityId: { S: "787097" } })],
    ],
    ["has no address", aDeletion(), [item({ email: { S: "" } })]],
    ["has an address, but the event has none", aDeletion({ email: "" }), [item()]],
    ["has a newer event", aDeletion(), [item({ updatedAt: { S: "2025-11-20T08:00:01.000Z" } })]],
  ])("leaves an availability item that %s", async (_, deletion, items) => {
    const hub = anIngest({ items });

    expect(await hub.send(deletion)).toMatchObject([
      { availabilityId: `user:${USER}`, outcome: "applied" },
    ]);
    expect(hub.stored("787096")).toEqual(items[0]);
  });

  it.each([
    ["has another user ID", { userId: { S: "9" } }],
    ["has another address", { email: { S: "other@acme.com" } }],
  ])("leaves an item that %s since the index was read", async (_, overrides) => {
    let calls = 0;
    const beforeCall = () => {
      calls += 1;
      // After the two tombstones and the two searches.
      if (calls === 5) {
        hub.put(item(overrides));
      }
    };
    const hub = anIngest({ items: [item()], beforeCall });

    expect(await hub.send(aDeletion())).toMatchObject([
      { availabilityId: `user:${USER}`, outcome: "applied" },
    ]);
    expect(hub.calls().at(-1)).toBe("787096");
    expect(hub.stored("787096")).toEqual(item(overrides));
  });

  it("ignores the person's user: and session items when it searches for the availability item by address", async () => {
    const hub = anIngest({ items: [item()], hasCustomStatuses: false });
    await hub.send({ ...login, timestamp: login.timestamp - 60 });

    await hub.send(aDeletion());

    expect(hub.stored("787096")).toMatchObject(removed);
  });

  it("continues where an earlier attempt failed", async () => {
    let calls = 0;
    const beforeCall = () => {
      calls += 1;
      if (calls === 3) {
        throw new Error("socket hang up");
      }
    };
    const hub = anIngest({ items: [item({ userId: { S: USER } })], beforeCall });

    await expect(hub.send(aDeletion())).rejects.toMatchObject({ rejection: "DependencyFailed" });
    expect(hub.stored("787096")).toEqual(item({ userId: { S: USER } }));

    expect(await hub.send(aDeletion())).toMatchObject([
      { availabilityId: "787096", outcome: "applied", version: 8 },
    ]);
    expect(hub.stored("787096")).toMatchObject(removed);
    expect(await hub.send(aDeletion())).toMatchObject([{ outcome: "duplicate", version: 1 }]);
  });

  it("keeps the reason of the tombstone of a forgotten agent, and extends the tombstone", async () => {
    const forgotten = aTombstone(`user:${USER}`);
    const older = { ...forgotten, updatedAt: { S: "2025-11-20T07:00:00.000Z" } };
    const hub = anIngest({ items: [older] });

    await hub.send(aDeletion());

    expect(hub.stored(`user:${USER}`)).toMatchObject({
      version: { N: "8" },
      removedBecause: { S: "forgotten" },
      removedAt: { S: "2025-11-20T08:00:00.120Z" },
    });
  });

  it("removes all attributes of a session except those of a tombstone", async () => {
    const hub = anIngest();
    await hub.send({ ...login, timestamp: login.timestamp - 60 });

    await hub.send(aDeletion());

    expect(Object.keys(hub.stored(`session:${USER}`) ?? {}).toSorted()).toEqual([
      "accountId",
      "availabilityId",
      "contentHash",
      "epoch",
      "eventTimestamp",
      "expiresAt",
      "removedAt",
      "removedBecause",
      "updatedAt",
      "version",
    ]);
  });

  it("is followed by newer events, which create the agent again in the same epoch", async () => {
    const hub = anIngest();
    await hub.send(aDeletion());
    const { epoch } = hub.stored(`session:${USER}`) ?? {};

    expect(await hub.send({ ...login, timestamp: login.timestamp + 1 })).toMatchObject([
      { outcome: "applied", version: 2 },
    ]);
    expect(hub.stored(`session:${USER}`)).toMatchObject({ epoch, loggedIn: { BOOL: true } });
    for (const name of ["removedAt", "removedBecause", "expiresAt"]) {
      expect(hub.stored(`session:${USER}`)).not.toHaveProperty(name);
    }
  });
});

describe("the counts of agent events", () => {
  it("include the items of applied events only", async () => {
    const hub = anIngest({ hasCustomStatuses: false });

    await hub.send({ events: [login, login] });

    expect(hub.counts()).toMatchObject({ SessionItemsWritten: 1, UserItemsWritten: 1 });
  });

  it("include each removed agent once, and no items of removed agents", async () => {
    const hub = anIngest();

    await hub.send({ events: [aDeletion(), aDeletion({ user_id: 8 })] });

    expect(hub.counts()).toEqual({ AgentUpdatesReceived: 2, AgentsRemoved: 2 });
  });

  const invalid = anAgentPayload({ timestamp: "soon" });
  const unreadable = anAgentPayload({ login: ["*", false] });

  it("include events that the hub cannot parse", async () => {
    const hub = anIngest();

    await hub.send({ events: [invalid, unreadable, login, aPayload()] });
    expect(hub.counts()).toMatchObject({ AgentUpdatesReceived: 3, AgentUpdatesUnparsed: 2 });

    await expect(hub.send(invalid)).rejects.toMatchObject({ rejection: "Malformed" });
    expect(hub.counts()).toMatchObject({ AgentUpdatesReceived: 4, AgentUpdatesUnparsed: 3 });
  });

  it("show an account whose customStatuses must be off, by changes of ticket availability only", async () => {
    const hub = anIngest();

    await hub.send(login);
    expect(hub.counts()).not.toHaveProperty("TicketAvailabilityWithCustomStatusesOn");
    await hub.send({ events: [tickets, login] });
    expect(hub.counts()).toMatchObject({ TicketAvailabilityWithCustomStatusesOn: 1 });
    expect(hub.counts()).not.toHaveProperty("AvailabilityEventsWithCustomStatusesOff");
  });

  it("show an account whose customStatuses must be on, by availability events", async () => {
    const hub = anIngest({ hasCustomStatuses: false });

    await hub.send({ events: [tickets, aPayload()] });
    expect(hub.counts()).toMatchObject({ AvailabilityEventsWithCustomStatusesOff: 1 });
    expect(hub.counts()).not.toHaveProperty("TicketAvailabilityWithCustomStatusesOn");
    expect(hub.stored("787096")).toMatchObject({ version: { N: "1" } });
  });
});

it("rejects a request with an agent event of another account, and stores nothing", async () => {
  const hub = anIngest();
  const other = anAgentPayload({ agent: { account_id: 42 }, login: [false, true] });

  for (const foreign of [other, aDeletion({ account_id: 42 })]) {
    await expect(hub.send({ events: [login, foreign] })).rejects.toMatchObject({
      rejection: "AccountMismatch",
    });
  }
  expect(hub.calls()).toEqual([]);
});
