import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";

import type { AvailabilityChange } from "../../functions/availability/change.ts";
import { createAgentStore } from "../../functions/store/agent-store.ts";
import { readItem } from "../../functions/store/read-item.ts";
import { anItem } from "../builders/item.ts";
import { aReconciledTable } from "../builders/reconciled-table.ts";

let stored: ReturnType<typeof aReconciledTable>;
let store: ReturnType<typeof createAgentStore>;

beforeEach(() => {
  stored = aReconciledTable();
  store = createAgentStore(new DynamoDBClient(), "agents");
});

const KEY = "787096";
const EMAIL = "rachel@acme.com";

/** Rachel has been at lunch since 11:00, according to a snapshot. Her last event is from 09:00. */
const aReconciledItem = (overrides: Parameters<typeof anItem>[0] = {}) =>
  anItem({
    userId: { S: "72025350026" },
    updatedAt: { S: "2026-11-28T09:00:00.000Z" },
    eventTimestamp: { N: "1795856400000000" },
    status: { M: { id: { S: "9" }, since: { S: "2026-11-28T11:00:00.000Z" } } },
    channels: {
      M: {
        freshdesk: { M: { available: { BOOL: false }, agentId: { S: "5" } } },
        freshchat: { M: { available: { BOOL: true } } },
      },
    },
    freshdeskUnavailableSince: { S: "2026-11-28T11:00:01.000Z" },
    reconciledAt: { S: "2026-11-28T11:00:01.000Z" },
    origin: { S: "reconcile" },
    reportedPrevious: { M: { statusId: { S: "3" } } },
    ...overrides,
  });

/** An event of Rachel in another status, available for tickets and not for chat. */
function anEvent(updatedAt: string, overrides: Partial<AvailabilityChange["content"]> = {}) {
  return {
    accountId: "11010177632",
    availabilityId: KEY,
    updatedAt,
    eventTimestamp: Date.parse(updatedAt) * 1000,
    reportedChannelChanges: ["freshdesk"],
    reportedPrevious: { statusId: "4" },
    content: {
      name: "Rachel Green",
      email: EMAIL,
      loggedIn: false,
      status: { id: "7", name: "Available", since: updatedAt },
      channels: { freshdesk: { available: true, agentId: "6" }, freshchat: { available: false } },
      ...overrides,
    },
  } satisfies AvailabilityChange;
}

async function apply(change: AvailabilityChange) {
  const delivery = {
    webhookId: "w-2",
    receivedAt: "2026-11-28T12:00:00.000Z",
    origin: "relay",
  } as const;
  return await store.apply(change, delivery, new AbortController().signal);
}

describe("an event that is older than the last snapshot", () => {
  it.each([
    ["by hours", "2026-11-28T10:00:00.000Z"],
    ["by less than a second, or not at all", "2026-11-28T11:00:01.900Z"],
  ])(
    "(%s) does not replace status and ticket channel, and replaces everything else",
    async (_, at) => {
      stored.put(aReconciledItem());

      expect(await apply(anEvent(at))).toEqual({ kind: "applied", version: 8 });
      const item = stored.item(KEY);
      expect(item).toMatchObject({
        version: 8,
        updatedAt: at,
        eventTimestamp: Date.parse(at) * 1000,
        name: "Rachel Green",
        loggedIn: false,
        status: { id: "9", since: "2026-11-28T11:00:00.000Z" },
        channels: {
          freshdesk: { available: false, agentId: "6" },
          freshchat: { available: false },
        },
        freshdeskAgentId: "6",
        freshdeskUnavailableSince: "2026-11-28T11:00:01.000Z",
        freshchatUnavailableSince: at,
        userId: "72025350026",
        reconciledAt: "2026-11-28T11:00:01.000Z",
        origin: "relay",
        webhookId: "w-2",
      });
      for (const removed of [
        "freshdeskAvailableSince",
        "freshchatAvailableSince",
        "reportedPrevious",
      ]) {
        expect(item).not.toHaveProperty(removed);
      }
    },
  );

  it("adds the name to the same status", async () => {
    stored.put(aReconciledItem());
    const status = { id: "9", name: "Lunch", since: "2026-11-28T11:00:00.400Z" };

    await apply(anEvent("2026-11-28T11:00:00.000Z", { status }));

    expect(stored.item(KEY)).toMatchObject({ status: { id: "9", name: "Lunch" } });
  });

  it.each([
    ["another status of the same time", { id: "7", since: "2026-11-28T11:00:00.000Z" }],
    ["the same status of another time", { id: "9", since: "2026-11-28T10:00:00.000Z" }],
    ["no status", undefined],
  ])("keeps the status of the snapshot if it contains %s", async (_, status) => {
    stored.put(aReconciledItem());

    await apply(
      anEvent("2026-11-28T10:00:00.000Z", { status: status && { ...status, name: "x" } }),
    );

    const snapshot = { id: "9", since: "2026-11-28T11:00:00.000Z" };
    expect(stored.item(KEY)).toHaveProperty("status", snapshot);
  });

  it("does not replace the status of an item that has no user ID yet", async () => {
    const { userId: _userId, ...item } = aReconciledItem();
    stored.put(item);

    await apply(anEvent("2026-11-28T10:00:00.000Z"));

    expect(stored.item(KEY)).toMatchObject({ status: { id: "9" }, version: 8 });
  });

  it("fails with a retryable error if the item changes during each of ten attempts", async () => {
    stored.put(aReconciledItem());
    let updates = 0;
    stored.onUpdate(() => {
      updates += 1;
      stored.put(aReconciledItem({ version: { N: String(7 + updates) } }));
    });

    await expect(apply(anEvent("2026-11-28T10:00:00.000Z"))).rejects.toMatchObject({
      name: "StoreUnavailableError",
      message: "the item changed during each of 10 attempts",
    });
    expect(updates).toBe(20);
  });

  it("replaces facts that the item does not have", async () => {
    const { status: _status, ...item } = aReconciledItem({ channels: { M: {} } });
    stored.put(item);

    await apply(anEvent("2026-11-28T10:00:00.000Z"));

    expect(stored.item(KEY)).toMatchObject({
      status: { id: "7" },
      channels: { freshdesk: { available: true } },
      freshdeskAvailableSince: "2026-11-28T10:00:00.000Z",
    });
  });

  it("keeps the ticket channel if it does not contain the channel", async () => {
    stored.put(aReconciledItem());

    await apply(anEvent("2026-11-28T10:00:00.000Z", { channels: {} }));

    expect(stored.item(KEY)).toMatchObject({
      channels: { freshdesk: { available: false } },
      freshdeskUnavailableSince: "2026-11-28T11:00:01.000Z",
    });
  });

  it("is stale if it is older than the last event, too", async () => {
    stored.put(aReconciledItem());

    expect(await apply(anEvent("2026-11-28T08:00:00.000Z"))).toEqual({ kind: "stale", version: 7 });
  });

  it("is a duplicate when it arrives again", async () => {
    stored.put(aReconciledItem());
    await apply(anEvent("2026-11-28T10:00:00.000Z"));

    expect(await apply(anEvent("2026-11-28T10:00:00.000Z"))).toEqual({
      kind: "duplicate",
      version: 8,
    });
  });

  it("starts again if the item changes in between", async () => {
    stored.put(aReconciledItem());
    let updates = 0;
    stored.onUpdate(() => {
      updates += 1;
      if (updates === 2) {
        stored.put(aReconciledItem({ version: { N: "8" }, loggedIn: { BOOL: true } }));
      }
    });

    expect(await apply(anEvent("2026-11-28T10:00:00.000Z"))).toEqual({
      kind: "applied",
      version: 9,
    });
    expect(updates).toBe(4);
  });

  it("replaces an item that is not ordered", async () => {
    stored.put({ ...aReconciledItem(), eventTimestamp: { S: "late" } });

    expect(await apply(anEvent("2026-11-28T10:00:00.000Z"))).toMatchObject({ kind: "applied" });
    expect(stored.item(KEY)).toMatchObject({ status: { id: "7" } });
  });

  it("replaces an item that this version cannot parse", async () => {
    stored.put(aReconciledItem({ status: { S: "Lunch" } }));

    expect(await apply(anEvent("2026-11-28T10:00:00.000Z"))).toEqual({
      kind: "applied",
      version: 8,
    });
    expect(stored.item(KEY)).toMatchObject({ status: { id: "7" } });
  });
});

/** Returns a function that returns the number of writes since this call. */
function countUpdates(): () => number {
  let updates = 0;
  stored.onUpdate(() => {
    updates += 1;
  });
  return () => updates;
}

describe("an event that is newer than the last snapshot", () => {
  it("replaces what it reports in one write, and keeps user ID and reconciledAt", async () => {
    stored.put(aReconciledItem());
    const updates = countUpdates();

    await apply(anEvent("2026-11-28T11:00:02.000Z"));

    expect(updates()).toBe(1);
    expect(stored.item(KEY)).toMatchObject({
      version: 8,
      status: { id: "7" },
      channels: { freshdesk: { available: true } },
      userId: "72025350026",
      reconciledAt: "2026-11-28T11:00:01.000Z",
      reportedPrevious: { statusId: "4" },
    });
  });

  it("is applied and removes the user ID if its address differs", async () => {
    stored.put(aReconciledItem());

    await apply(anEvent("2026-11-28T11:00:02.000Z", { email: "green@acme.com" }));

    const item = stored.item(KEY);
    expect(item).toMatchObject({ email: "green@acme.com", status: { id: "7" }, version: 8 });
    expect(item).not.toHaveProperty("userId");
    expect(item).not.toHaveProperty("reportedPrevious");
  });

  it("keeps the user ID, in one write, if it has no address", async () => {
    stored.put(aReconciledItem());
    const updates = countUpdates();

    await apply(anEvent("2026-11-28T11:00:02.000Z", { email: undefined }));

    expect(updates()).toBe(1);
    expect(stored.item(KEY)).toMatchObject({ userId: "72025350026", version: 8 });
  });
});

it("an event without an address that is older than the last snapshot keeps the user ID", async () => {
  stored.put(aReconciledItem());

  await apply(anEvent("2026-11-28T10:00:00.000Z", { email: undefined }));

  expect(stored.item(KEY)).toMatchObject({ userId: "72025350026", version: 8 });
});

describe("an event with another address that is older than the last snapshot", () => {
  it("removes the user ID and keeps the newer values of the snapshot", async () => {
    stored.put(aReconciledItem());

    await apply(anEvent("2026-11-28T10:00:00.000Z", { email: "green@acme.com" }));

    const [item] = stored.table.items.values();
    expect(readItem(item ?? {})).toMatchObject({
      email: "green@acme.com",
      status: { id: "9" },
      channels: { freshdesk: { available: false } },
    });
    expect(stored.item(KEY)).not.toHaveProperty("userId");
  });
});
