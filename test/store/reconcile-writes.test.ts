import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";

import type { AgentMerge } from "../../functions/availability/reconcile-agent.ts";
import type { RepairedFacts } from "../../functions/availability/reconcile-drift.ts";
import type { SessionWrite } from "../../functions/availability/reconcile-session.ts";
import type { UserWrite } from "../../functions/availability/reconcile-user.ts";
import { type AgentState, isAgent } from "../../functions/availability/state.ts";
import type { ConditionalWrite } from "../../functions/store/conditional-write.ts";
import { contentHash } from "../../functions/store/content-hash.ts";
import { readItem } from "../../functions/store/read-item.ts";
import {
  mergeWrite,
  sessionItemWrite,
  userItemWrite,
} from "../../functions/store/reconcile-writes.ts";
import { aTable } from "../../tools/fakes/table.ts";
import { anItem, aSession, aTombstone, aUserItem } from "../builders/item.ts";

type Item = Record<string, AttributeValue>;

const USER_ID = "72025350026";
const account = {
  accountId: "11010177632",
  domain: "acme.freshdesk.com",
  receivedAt: "2026-11-30T12:00:05.000Z",
};
const REQUESTED_AT = "2026-11-30T12:00:00.000Z";
const SINCE = "2026-11-30T11:00:00.000Z";

let table: ReturnType<typeof aTable>;

beforeEach(() => {
  table = aTable();
});

function put(item: Item): void {
  const { accountId, availabilityId } = item;
  table.items.set(JSON.stringify({ accountId, availabilityId }), item);
}

/** Makes a write. @returns the item as plain values */
function make(write: ConditionalWrite) {
  table.update({ TableName: "agents", ...write });
  const [item = {}] = table.items.values();
  return unmarshall(item);
}

/** Stores an item. @returns its state */
function stored(item: Item): AgentState {
  put(item);
  const state = readItem(item);
  if (!isAgent(state)) {
    throw new Error("the item must be an agent");
  }
  return state;
}

/** An availability item with a ticket channel and all attributes that a repair removes. */
const anAvailabilityItem = () =>
  anItem({
    channels: {
      M: {
        freshdesk: { M: { available: { BOOL: true }, agentId: { S: "5" } } },
        constructor: { M: { available: { BOOL: true } } },
      },
    },
    freshdeskAvailableSince: { S: "2026-11-22T08:00:00.000Z" },
    reportedPrevious: { M: { statusId: { S: "3" } } },
  });

describe("a merge of a snapshot into an availability item", () => {
  const merged = (merge: Omit<AgentMerge, "item">, item = anAvailabilityItem()) =>
    make(mergeWrite({ item: stored(item), ...merge }));

  it("stores a new user ID, and changes neither version nor facts, if nothing else is new", () => {
    const { reportedPrevious: _, ...kept } = unmarshall(anAvailabilityItem());

    expect(merged({ userId: USER_ID })).toEqual({ ...kept, userId: USER_ID });
  });

  it("stores a newer time, and changes neither version nor facts, if nothing else is new", () => {
    const { reportedPrevious: _, ...kept } = unmarshall(anAvailabilityItem());

    expect(merged({ reconciledAt: SINCE })).toEqual({ ...kept, reconciledAt: SINCE });
  });

  it("replaces a status, and keeps the channels", () => {
    const {
      reportedPrevious: _previous,
      actor: _actor,
      webhookId: _webhookId,
      ...kept
    } = unmarshall(anAvailabilityItem());
    const status = { id: "9", name: "Lunch", since: SINCE };

    expect(merged({ reconciledAt: SINCE, facts: { status } })).toEqual({
      ...kept,
      status,
      version: 8,
      origin: "reconcile",
      reconciledAt: SINCE,
    });
  });

  it.each([
    [false, "freshdeskUnavailableSince", "freshdeskAvailableSince"],
    [true, "freshdeskAvailableSince", "freshdeskUnavailableSince"],
  ])(
    "replaces availability on the ticket channel with %j, and keeps status and other channels",
    (available, present, absent) => {
      const item = { ...anAvailabilityItem(), [absent]: { S: "2026-11-22T08:00:00.000Z" } };
      const facts: RepairedFacts = { tickets: { available, since: SINCE } };

      const after = merged({ reconciledAt: SINCE, facts }, item);

      expect(after).toMatchObject({
        status: { id: "232", name: "On break", since: "2026-11-22T08:50:00.000Z" },
        channels: { freshdesk: { available, agentId: "5" }, constructor: { available: true } },
        [present]: SINCE,
        version: 8,
      });
      expect(after).not.toHaveProperty(absent);
    },
  );

  it("is not made if the item got a user ID after it was read", () => {
    const write = mergeWrite({ item: stored(anAvailabilityItem()), userId: USER_ID });
    put({ ...anAvailabilityItem(), userId: { S: "8" } });

    expect(() => make(write)).toThrow("no");
  });

  it.each([SINCE, "2026-11-30T11:00:00.001Z"])(
    "is not made if the item has meanwhile been compared with a snapshot of %s",
    (reconciledAt) => {
      const write = mergeWrite({ item: stored(anAvailabilityItem()), reconciledAt: SINCE });
      put({ ...anAvailabilityItem(), reconciledAt: { S: reconciledAt } });

      expect(() => make(write)).toThrow("no");
    },
  );

  it("is made if the item has been compared with an older snapshot", () => {
    const write = mergeWrite({ item: stored(anAvailabilityItem()), reconciledAt: SINCE });
    put({ ...anAvailabilityItem(), reconciledAt: { S: "2026-11-30T10:59:59.999Z" } });

    expect(make(write)).toMatchObject({ reconciledAt: SINCE });
  });

  it("is not made if the item has changed since it was read", () => {
    const write = mergeWrite({ item: stored(anAvailabilityItem()), reconciledAt: SINCE });
    put({ ...anAvailabilityItem(), version: { N: "8" } });

    expect(() => make(write)).toThrow("no");
  });
});

describe("the write of a user: item", () => {
  const aWrite = (differences: Partial<UserWrite> = {}): UserWrite => ({
    userId: USER_ID,
    known: undefined,
    isNew: true,
    content: { name: "Rachel", channels: { freshdesk: { available: true, agentId: "5" } } },
    ticketsSince: SINCE,
    driftedFields: [],
    requestedAt: REQUESTED_AT,
    ...differences,
  });
  const written = (write: UserWrite) => make(userItemWrite(write, account));

  it("begins an epoch at the time of the sweep if the agent is new", () => {
    const write = aWrite();

    expect(written(write)).toEqual({
      accountId: account.accountId,
      availabilityId: `user:${USER_ID}`,
      epoch: Date.parse(account.receivedAt),
      version: 1,
      updatedAt: REQUESTED_AT,
      eventTimestamp: Date.parse(REQUESTED_AT) * 1000,
      contentHash: contentHash(write.content),
      userId: USER_ID,
      name: "Rachel",
      channels: { freshdesk: { available: true, agentId: "5" } },
      freshdeskAgentId: "5",
      freshdeskAvailableSince: SINCE,
      domain: account.domain,
      receivedAt: account.receivedAt,
      origin: "reconcile",
    });
  });

  it("keeps the epoch of the item that was read, and removes attributes that the snapshot does not set", () => {
    const known = stored(aUserItem({ email: { S: "rachel@acme.com" } }));

    const after = written(aWrite({ known }));

    expect(after).toMatchObject({ epoch: known.epoch, version: 8 });
    for (const name of ["email", "webhookId", "region"]) {
      expect(after).not.toHaveProperty(name);
    }
  });

  it("is not made if the item has changed since it was read", () => {
    const known = stored(aUserItem());
    put(aUserItem({ version: { N: "8" } }));

    expect(() => written(aWrite({ known }))).toThrow("no");
  });

  it.each([
    ["since the stored time if it has not changed", true, "2026-11-22T09:00:00.120Z"],
    ["since the time of the snapshot if it has changed", false, SINCE],
  ])("contains the ticket channel %s", (_, available, since) => {
    const known = stored(aUserItem());
    const content = { channels: { freshdesk: { available } } };
    const name = available ? "freshdeskAvailableSince" : "freshdeskUnavailableSince";
    const other = available ? "freshdeskUnavailableSince" : "freshdeskAvailableSince";

    const after = written(aWrite({ known, content }));

    expect(after).toMatchObject({ [name]: since });
    expect(after).not.toHaveProperty(other);
  });

  it("contains an unchanged, unavailable ticket channel since the stored time", () => {
    const closed = { available: false };
    const known = stored(
      aUserItem({
        channels: { M: { freshdesk: { M: { available: { BOOL: false } } } } },
        freshdeskUnavailableSince: { S: "2026-11-22T09:00:00.120Z" },
      }),
    );

    const after = written(aWrite({ known, content: { channels: { freshdesk: closed } } }));

    expect(after).toMatchObject({ freshdeskUnavailableSince: "2026-11-22T09:00:00.120Z" });
  });

  it("contains the ticket channel since the request if the snapshot has no time", () => {
    const after = written(aWrite({ ticketsSince: undefined }));

    expect(after).toMatchObject({ freshdeskAvailableSince: REQUESTED_AT });
  });

  it.each([[{}], [{ freshdesk: {} }]])(
    "contains no time of the ticket channel if its availability is unknown: %j",
    (channels) => {
      const after = written(aWrite({ content: { channels } }));

      expect(after).toMatchObject({ channels });
      expect(after).not.toHaveProperty("freshdeskAvailableSince");
      expect(after).not.toHaveProperty("freshdeskUnavailableSince");
    },
  );

  it("replaces a tombstone, in the same epoch", () => {
    const tombstone = aTombstone(`user:${USER_ID}`);
    put(tombstone);

    const after = written(aWrite({ known: readItem(tombstone) }));

    expect(after).toMatchObject({
      epoch: Number(tombstone["epoch"]?.N),
      version: 8,
      freshdeskAvailableSince: SINCE,
    });
    for (const name of ["removedAt", "removedBecause", "expiresAt"]) {
      expect(after).not.toHaveProperty(name);
    }
  });
});

describe("the write of a session item", () => {
  const aWrite = (differences: Partial<SessionWrite> = {}): SessionWrite => ({
    userId: USER_ID,
    known: undefined,
    email: "rachel@acme.com",
    loggedIn: false,
    since: SINCE,
    isDrift: false,
    requestedAt: REQUESTED_AT,
    ...differences,
  });
  const written = (write: SessionWrite) => make(sessionItemWrite(write, account));

  it("begins an epoch at the time of the sweep if the session is new", () => {
    expect(written(aWrite())).toEqual({
      accountId: account.accountId,
      availabilityId: `session:${USER_ID}`,
      epoch: Date.parse(account.receivedAt),
      version: 1,
      updatedAt: REQUESTED_AT,
      eventTimestamp: Date.parse(REQUESTED_AT) * 1000,
      contentHash: contentHash({ email: "rachel@acme.com", loggedIn: false }),
      userId: USER_ID,
      email: "rachel@acme.com",
      loggedIn: false,
      since: SINCE,
      domain: account.domain,
      receivedAt: account.receivedAt,
      origin: "reconcile",
    });
  });

  it("removes the stored time if the beginning of the login state is unknown", () => {
    const session = aSession();
    put(session);

    const after = written(aWrite({ known: readItem(session), since: undefined }));

    expect(after).toMatchObject({ version: 8, loggedIn: false });
    expect(after).not.toHaveProperty("since");
  });
});
