import {
  ConditionalCheckFailedException,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { readItem } from "../../functions/store/read-item.ts";
import { sweep } from "../../functions/reconcile/sweep.ts";
import { webPageFault } from "../builders/freshdesk-faults.ts";
import { anItem, aTombstone } from "../builders/item.ts";
import { aFreshdesk, aFreshdeskAgent, DOMAIN } from "../builders/freshdesk.ts";
import { aReconciledTable } from "../builders/reconciled-table.ts";

const ACCOUNT = "11010177632";
const RACHEL = 72025350026;

let freshdesk: Awaited<ReturnType<typeof aFreshdesk>>;
let stored: ReturnType<typeof aReconciledTable>;

beforeEach(async () => {
  freshdesk = await aFreshdesk([aFreshdeskAgent(RACHEL)]);
  stored = aReconciledTable();
});

afterEach(async () => {
  await freshdesk.api.close();
});

/** @throws Error if the sweep ran out of time. */
async function sweepNow() {
  const { clock, aClient } = freshdesk;
  const { store, savedPages } = stored;
  const report = await sweep({
    accountId: ACCOUNT,
    domain: DOMAIN,
    client: aClient(),
    confirmationClient: aClient(),
    store,
    savedPages,
    listDeadline: Number.POSITIVE_INFINITY,
    now: clock.now,
    writePauseMs: 0,
  });
  if (report.outcome === "unfinished") {
    throw new Error("the sweep ran out of time");
  }
  return report;
}

const writes = () => stored.client.commandCalls(UpdateItemCommand).length;

/** An availability item of Rachel from an event at 08:00 that agrees with Freshdesk. */
const anAvailabilityItem = (differences: Parameters<typeof anItem>[0] = {}) =>
  anItem({
    email: { S: `agent${RACHEL}@acme.example` },
    updatedAt: { S: "2026-11-28T08:00:00.000Z" },
    eventTimestamp: { N: "1795852800306384" },
    receivedAt: { S: "2026-11-28T08:00:01.000Z" },
    status: {
      M: {
        id: { S: "1302477" },
        name: { S: "Available" },
        since: { S: "2026-11-28T08:00:00.000Z" },
      },
    },
    channels: {
      M: {
        freshdesk: { M: { available: { BOOL: true }, agentId: { S: "5" } } },
        freshchat: { M: { available: { BOOL: true } } },
      },
    },
    freshdeskAvailableSince: { S: "2026-11-28T08:00:00.000Z" },
    reportedPrevious: { M: { statusId: { S: "3" } } },
    ...differences,
  });

/** Rachel goes to lunch, and her event is lost. */
function goToLunch(): void {
  const at = Date.parse("2026-11-28T11:00:00Z");
  freshdesk.api.state.agents.set(
    RACHEL,
    aFreshdeskAgent(RACHEL, {
      available: false,
      availabilityUpdatedAt: at,
      statusId: 9,
      statusUpdatedAt: at,
    }),
  );
}

describe("a sweep of an account", () => {
  it("creates the items of every agent, which this version can parse", async () => {
    const { written } = await sweepNow();

    expect(written).toMatchObject({ created: 1, session: 1, overtaken: 0 });
    expect(stored.item(`user:${RACHEL}`)).toEqual({
      accountId: ACCOUNT,
      availabilityId: `user:${RACHEL}`,
      epoch: Date.parse("2026-11-28T12:00:00Z"),
      version: 1,
      updatedAt: "2026-11-28T12:00:00.000Z",
      eventTimestamp: Date.parse("2026-11-28T12:00:00Z") * 1000,
      contentHash: expect.stringMatching(/^[\w-]{22}$/),
      userId: String(RACHEL),
      name: `Agent ${RACHEL}`,
      email: `agent${RACHEL}@acme.example`,
      status: { id: "1302477", since: "2026-11-28T08:00:00.000Z" },
      channels: { freshdesk: { available: true } },
      freshdeskAvailableSince: "2026-11-28T08:00:00.000Z",
      domain: DOMAIN,
      receivedAt: "2026-11-28T12:00:00.000Z",
      origin: "reconcile",
    });
    expect(stored.item(`session:${RACHEL}`)).toMatchObject({
      version: 1,
      userId: String(RACHEL),
      email: `agent${RACHEL}@acme.example`,
      loggedIn: true,
      origin: "reconcile",
    });
    for (const item of stored.table.items.values()) {
      expect(() => readItem(item)).not.toThrow();
    }
  });

  it("writes nothing if nothing differs", async () => {
    await sweepNow();
    const before = writes();
    await freshdesk.clock.pause(600_000);

    const { reconciliation } = await sweepNow();

    expect(writes()).toBe(before);
    expect(reconciliation.counts).toMatchObject({ checked: 1, driftedAgents: 0 });
  });

  it("reads the table once", async () => {
    await sweepNow();

    const queries = stored.client
      .calls()
      .filter(
        ({ args: [{ input }] }) =>
          "KeyConditionExpression" in input && input.TableName === "agents",
      );
    expect(queries).toHaveLength(1);
  });

  it("merges a missed change into the availability item, and keeps its place in the order of events", async () => {
    const before = anAvailabilityItem();
    stored.put(before);
    goToLunch();

    const { written } = await sweepNow();

    expect(written).toMatchObject({ repaired: 1, created: 0, overtaken: 0 });
    const after = stored.item("787096");
    expect(after).toMatchObject({
      version: 8,
      updatedAt: "2026-11-28T08:00:00.000Z",
      eventTimestamp: 1795852800306384,
      contentHash: before["contentHash"]?.S,
      userId: String(RACHEL),
      status: { id: "9", since: "2026-11-28T11:00:00.000Z" },
      channels: {
        freshdesk: { available: false, agentId: "5" },
        freshchat: { available: true },
      },
      freshdeskUnavailableSince: "2026-11-28T11:00:00.000Z",
      reconciledAt: "2026-11-28T11:00:00.000Z",
      origin: "reconcile",
      receivedAt: "2026-11-28T08:00:01.000Z",
      loggedIn: true,
    });
    for (const removed of ["freshdeskAvailableSince", "reportedPrevious", "actor", "webhookId"]) {
      expect(after).not.toHaveProperty(removed);
    }
  });

  it("writes nothing after a repair", async () => {
    stored.put(anAvailabilityItem());
    goToLunch();
    await sweepNow();
    const before = writes();
    await freshdesk.clock.pause(600_000);

    await sweepNow();

    expect(writes()).toBe(before);
  });

  it("stores the user ID of an availability item without a change", async () => {
    stored.put(anAvailabilityItem());

    const { written } = await sweepNow();

    expect(written).toMatchObject({ confirmed: 1, repaired: 0 });
    expect(stored.item("787096")).toMatchObject({ version: 7, userId: String(RACHEL) });
    expect(stored.item(`user:${RACHEL}`)).toBeUndefined();
  });

  it("does not overwrite an item that has changed since it was read", async () => {
    stored.put(anAvailabilityItem());
    goToLunch();
    const newer = anAvailabilityItem({
      version: { N: "8" },
      updatedAt: { S: "2026-11-28T11:59:59.000Z" },
    });
    stored.client.on(QueryCommand, { TableName: "agents" }).callsFake((input) => {
      const read = stored.table.query(input as QueryCommandInput);
      stored.put(newer);
      return read;
    });

    const { written } = await sweepNow();

    expect(written).toMatchObject({ repaired: 0, overtaken: 1 });
    expect(stored.item("787096")).toMatchObject({
      version: 8,
      updatedAt: "2026-11-28T11:59:59.000Z",
    });
  });

  it("removes the user: item when the availability item has appeared", async () => {
    await sweepNow();
    stored.put(anAvailabilityItem({ userId: { S: String(RACHEL) } }));
    await freshdesk.clock.pause(600_000);

    const { written } = await sweepNow();

    expect(written).toMatchObject({ merged: 1 });
    expect(stored.item(`user:${RACHEL}`)).toEqual({
      accountId: ACCOUNT,
      availabilityId: `user:${RACHEL}`,
      epoch: Date.parse("2026-11-28T12:00:00Z"),
      version: 2,
      updatedAt: "2026-11-28T12:10:00.000Z",
      eventTimestamp: Date.parse("2026-11-28T12:10:00Z") * 1000,
      contentHash: "",
      removedAt: "2026-11-28T12:10:00.000Z",
      removedBecause: "merged",
      expiresAt: Date.parse("2026-12-28T12:10:00Z") / 1000,
    });
  });

  it("removes the items of an agent whom Freshdesk has deleted, and blocks late events", async () => {
    stored.put(anAvailabilityItem({ userId: { S: String(RACHEL) } }));
    freshdesk.api.state.agents.clear();

    const { written } = await sweepNow();

    expect(written).toMatchObject({ removed: 3, overtaken: 0 });
    for (const key of ["787096", `user:${RACHEL}`, `session:${RACHEL}`]) {
      expect(stored.item(key)).toMatchObject({
        removedBecause: "deleted",
        removedAt: "2026-11-28T12:00:00.000Z",
        contentHash: "",
      });
    }
    expect(freshdesk.api.requests.at(-1)?.path).toBe(`/api/v2/agents/${RACHEL}`);
  });

  it("removes an agent without a user ID whom Freshdesk does not find by address, 24 hours after the last event", async () => {
    stored.put(anAvailabilityItem({ receivedAt: { S: "2026-11-27T11:59:59.000Z" } }));
    freshdesk.api.state.agents.clear();

    expect((await sweepNow()).written).toMatchObject({ removed: 1 });
    expect(stored.item("787096")).toMatchObject({ removedBecause: "deleted", version: 8 });
    expect(freshdesk.api.requests.at(-1)?.path).toContain("/api/v2/agents?email=");
  });

  it("keeps an agent who is missing from the list but exists", async () => {
    stored.put(anAvailabilityItem({ userId: { S: String(RACHEL) } }));
    const agent = aFreshdeskAgent(RACHEL);
    freshdesk.api.state.agents.clear();
    freshdesk.api.onRequest = ({ path }) => {
      if (path.endsWith(String(RACHEL))) {
        freshdesk.api.state.agents.set(RACHEL, agent);
      }
    };

    expect((await sweepNow()).written).toMatchObject({ removed: 0 });
    expect(stored.item("787096")).toMatchObject({ version: 7, userId: String(RACHEL) });
  });

  it("removes deleted agents although more than 100 others are missing from the list", async () => {
    const existing = Array.from({ length: 110 }, (_, index) => 1000 + index);
    const deleted = [2000, 2001];
    for (const id of [...existing, ...deleted]) {
      stored.put(
        anAvailabilityItem({ availabilityId: { S: `a${id}` }, userId: { S: String(id) } }),
      );
    }
    freshdesk.api.onRequest = ({ path }) => {
      freshdesk.api.state.agents.clear();
      if (!path.includes("/agents?")) {
        existing.forEach((id) => freshdesk.api.state.agents.set(id, aFreshdeskAgent(id)));
      }
    };
    const isRemoved = (id: number) => stored.item(`a${id}`)?.["removedBecause"] === "deleted";

    // Each sweep confirms 100 of 112 agents, beginning with a random one, so 50 sweeps confirm each of them.
    for (let sweeps = 0; sweeps < 50 && !deleted.every(isRemoved); sweeps += 1) {
      await sweepNow();
    }

    expect(deleted.filter(isRemoved)).toEqual(deleted);
    expect(existing.filter(isRemoved)).toEqual([]);
  });

  it("removes nothing if Freshdesk returns a web page instead of the confirmation", async () => {
    stored.put(anAvailabilityItem({ userId: { S: String(RACHEL) } }));
    freshdesk.api.state.agents.clear();
    freshdesk.api.onRequest = ({ path }) => {
      if (path.endsWith(String(RACHEL))) {
        freshdesk.api.constantFault = webPageFault(404);
      }
    };

    await expect(sweepNow()).rejects.toMatchObject({ reason: "WrongDomain" });
    expect(stored.item("787096")).toMatchObject({ version: 7 });
  });

  it("creates an agent's items again, in the same epoch, after Freshdesk has deleted and created the agent again", async () => {
    await sweepNow();
    freshdesk.api.state.agents.clear();
    await freshdesk.clock.pause(600_000);
    await sweepNow();
    freshdesk.api.state.agents.set(RACHEL, aFreshdeskAgent(RACHEL));
    await freshdesk.clock.pause(600_000);

    await sweepNow();

    expect(stored.item(`user:${RACHEL}`)).toMatchObject({
      epoch: Date.parse("2026-11-28T12:00:00Z"),
      version: 3,
      name: `Agent ${RACHEL}`,
    });
    expect(stored.item(`user:${RACHEL}`)).not.toHaveProperty("removedAt");
    expect(stored.item(`session:${RACHEL}`)).toMatchObject({ version: 3, loggedIn: true });
  });

  it("counts items that this version cannot parse, and leaves them unchanged", async () => {
    const unreadable = anAvailabilityItem({ status: { S: "Lunch" } });
    stored.put(unreadable);

    const { unreadable: counted } = await sweepNow();

    expect(counted).toEqual({ rows: 0, items: 1 });
    expect(stored.item("787096")).toMatchObject({ version: 7, status: "Lunch" });
  });

  it("fails if the table fails, so that it is repeated", async () => {
    stored.client.on(UpdateItemCommand).rejects(new Error("throttled"));

    await expect(sweepNow()).rejects.toThrow("throttled");
  });

  it("counts a write as overtaken if another sweep has already written the item", async () => {
    const message = "no";
    stored.client
      .on(UpdateItemCommand)
      .rejects(new ConditionalCheckFailedException({ message, $metadata: {} }));

    expect((await sweepNow()).written).toMatchObject({ created: 0, session: 0, overtaken: 2 });
  });

  it("counts removals that another sweep has made as overtaken", async () => {
    stored.put(anAvailabilityItem({ userId: { S: String(RACHEL) } }));
    freshdesk.api.state.agents.clear();
    stored.client
      .on(UpdateItemCommand)
      .rejects(new ConditionalCheckFailedException({ message: "no", $metadata: {} }));

    expect((await sweepNow()).written).toMatchObject({ removed: 0, overtaken: 3 });
  });

  it("counts a change to a user: item as updated", async () => {
    await sweepNow();
    await freshdesk.clock.pause(600_000);
    goToLunch();

    expect((await sweepNow()).written).toMatchObject({ created: 0, updated: 1 });
    expect(stored.item(`user:${RACHEL}`)).toMatchObject({ version: 2, status: { id: "9" } });
  });

  it("forgets the availability item of an agent who was forgotten after the last event", async () => {
    stored.put(anAvailabilityItem({ userId: { S: String(RACHEL) } }));
    stored.put({
      ...aTombstone(`user:${RACHEL}`),
      updatedAt: { S: "2026-11-28T09:00:00.000Z" },
      eventTimestamp: { N: String(Date.parse("2026-11-28T09:00:00Z") * 1000) },
      removedAt: { S: "2026-11-28T09:00:00.000Z" },
    });

    expect((await sweepNow()).written).toMatchObject({ forgotten: 1, created: 0, repaired: 0 });
    expect(stored.item("787096")).toMatchObject({
      version: 8,
      removedBecause: "forgotten",
      removedAt: "2026-11-28T12:00:00.000Z",
    });
    expect(stored.item("787096")).not.toHaveProperty("email");
  });

  it("removes nobody if more pages follow page 500", async () => {
    stored.put(anAvailabilityItem({ userId: { S: "9" } }));
    const pages = Array.from({ length: 499 }, (_, index) => index + 1);
    await stored.savedPages.save(
      ACCOUNT,
      pages.map((number) => ({ number, snapshots: [], unreadable: 0 })),
      freshdesk.clock.now(),
    );
    const headers = { link: '<https://acme.freshdesk.com/api/v2/agents?page=501>; rel="next"' };
    freshdesk.api.constantFault = { kind: "response", status: 200, headers, body: "[]" };

    const { isComplete, written } = await sweepNow();

    expect(isComplete).toBe(false);
    expect(written).toMatchObject({ removed: 0 });
    expect(freshdesk.api.requests).toHaveLength(1);
  });
});
