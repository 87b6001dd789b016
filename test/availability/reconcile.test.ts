import { describe, expect, it } from "@jest/globals";

import { sessionKey, userKey } from "../../functions/availability/item-kind.ts";
import { reconcile } from "../../functions/availability/reconcile.ts";
import type { AgentSnapshot } from "../../functions/availability/snapshot.ts";
import type { StoredItem } from "../../functions/availability/state.ts";
import {
  aSnapshot,
  aStoredAgent,
  aStoredSession,
  aStoredTombstone,
  aStoredUser,
  EMAIL,
  USER_ID,
} from "../builders/stored-items.ts";

const now = new Date("2026-11-28T12:00:30.000Z");

const compare = (snapshots: readonly AgentSnapshot[], items: readonly StoredItem[]) =>
  reconcile({ snapshots, items, now, isComplete: true });

const NOTHING = {
  merges: [],
  users: [],
  sessions: [],
  obsoleteItems: [],
  forgottenItems: [],
  removals: [],
};

/** Rachel goes to lunch at 11:00, and her events are lost. */
const atLunch = {
  statusId: "9",
  statusSince: "2026-11-28T11:00:00.000Z",
  ticketsAvailable: false,
  ticketsSince: "2026-11-28T11:00:01.000Z",
};

describe("an availability item", () => {
  it("that agrees with the snapshot is not written, and only counts as checked", () => {
    // `toEqual` treats a list of undefined as an empty list.
    expect(compare([aSnapshot()], [aStoredAgent()])).toStrictEqual({
      ...NOTHING,
      counts: {
        checked: 1,
        recent: 0,
        contradictory: 0,
        unidentified: 0,
        driftedAgents: 0,
        driftedFields: { status: 0, since: 0, tickets: 0, loggedIn: 0 },
        oldestDriftSeconds: 0,
        ticketAgentIds: { known: 1, equalToUserId: 0 },
      },
    });
  });

  it("adopts status and ticket channel of a newer snapshot, with the name from another agent", () => {
    const item = aStoredAgent();
    const other = aStoredAgent({
      availabilityId: "2",
      userId: "2",
      email: "omar@acme.example",
      status: { id: "9", name: "Lunch", since: "2026-11-28T08:00:00.000Z" },
    });
    const otherSnapshot = aSnapshot({ userId: "2", email: "omar@acme.example", statusId: "9" });

    const result = compare([aSnapshot(atLunch), otherSnapshot], [item, other]);

    expect(result).toMatchObject({
      ...NOTHING,
      merges: [
        {
          item,
          reconciledAt: "2026-11-28T11:00:01.000Z",
          facts: {
            status: { id: "9", name: "Lunch", since: "2026-11-28T11:00:00.000Z" },
            tickets: { available: false, since: "2026-11-28T11:00:01.000Z" },
          },
        },
      ],
      counts: {
        checked: 2,
        driftedFields: { status: 1, since: 0, tickets: 1, loggedIn: 0 },
        oldestDriftSeconds: 3629,
      },
    });
    expect(result.merges[0]?.userId).toBeUndefined();
  });

  it("adopts the status name of the newest item with that status", () => {
    const aNamed = (id: string, name: string | undefined, updatedAt: string) => {
      const status = { id: "9", name, since: updatedAt };
      return aStoredAgent({ availabilityId: id, userId: id, email: id, status, updatedAt });
    };
    const others = [
      aNamed("2", "Lunch", "2026-11-27T08:00:00.000Z"),
      aNamed("3", "Lunch break", "2026-11-27T09:00:00.000Z"),
      aNamed("4", undefined, "2026-11-27T10:00:00.000Z"),
    ];

    for (const items of [others, others.toReversed()]) {
      const { merges } = compare([aSnapshot(atLunch)], [aStoredAgent(), ...items]);
      expect(merges[0]?.facts?.status?.name).toBe("Lunch break");
    }
  });

  it("adopts a snapshot that is newer than the last one", () => {
    const item = aStoredAgent({ reconciledAt: "2026-11-28T11:00:00.999Z" });

    expect(compare([aSnapshot(atLunch)], [item])).toMatchObject({
      merges: [{ item, reconciledAt: "2026-11-28T11:00:01.000Z" }],
      counts: { contradictory: 0 },
    });
  });

  it("adopts a new time in the same status, and keeps the name", () => {
    const statusSince = "2026-11-28T11:00:00.000Z";
    const { merges, counts } = compare([aSnapshot({ statusSince })], [aStoredAgent()]);

    expect(merges[0]?.facts).toEqual({
      status: { id: "7", name: "Available", since: statusSince },
    });
    expect(counts.driftedFields).toMatchObject({ status: 0, since: 1 });
  });

  it.each([
    ["the times differ by less than a second", { statusSince: "2026-11-28T08:00:00.900Z" }],
    ["the snapshot has no status", { statusId: undefined, statusSince: undefined }],
    [
      "the snapshot has no time for its status",
      { statusId: "9", statusSince: undefined, ticketsSince: "2026-11-28T08:00:00.000Z" },
    ],
    [
      "the snapshot has no time for its ticket channel",
      { ticketsAvailable: false, ticketsSince: undefined },
    ],
    [
      "the snapshot has no time at all",
      { statusId: "9", statusSince: undefined, ticketsSince: undefined },
    ],
    ["the name differs", { name: "Rachel Green" }],
  ])("is not written if %s", (_, differences) => {
    const { counts, ...writes } = compare([aSnapshot(differences)], [aStoredAgent()]);

    expect(writes).toEqual(NOTHING);
    expect(counts).toMatchObject({ contradictory: 0, driftedAgents: 0 });
  });

  it("keeps its unknown time in status if only that differs", () => {
    const status = { id: "7", name: "Available" };
    expect(compare([aSnapshot()], [aStoredAgent({ status })])).toMatchObject(NOTHING);
  });

  it("is not compared within 60 seconds of the newest change in the snapshot", () => {
    const snapshot = { ...atLunch, statusSince: "2026-11-28T11:59:00.001Z" };
    const result = compare([aSnapshot(snapshot)], [aStoredAgent({ userId: undefined })]);

    expect(result).toMatchObject({ ...NOTHING, counts: { checked: 0, recent: 1 } });
    const later = { ...snapshot, statusSince: "2026-11-28T11:59:00.000Z" };
    expect(compare([aSnapshot(later)], [aStoredAgent()]).merges).toHaveLength(1);
  });

  it.each([
    ["than the last event", { updatedAt: "2026-11-28T11:00:02.000Z" }],
    ["than or equal to the last snapshot", { reconciledAt: "2026-11-28T11:00:01.000Z" }],
  ])("counts a snapshot that differs and is older %s as contradictory", (_, stored) => {
    expect(compare([aSnapshot(atLunch)], [aStoredAgent(stored)])).toMatchObject({
      ...NOTHING,
      counts: { contradictory: 1, driftedFields: { status: 0, tickets: 0 } },
    });
  });

  it("adopts a snapshot from the same second as its last event", () => {
    const item = aStoredAgent({ updatedAt: "2026-11-28T11:00:01.700Z" });

    expect(compare([aSnapshot(atLunch)], [item])).toMatchObject({ merges: [{ item }] });
  });

  it("raises reconciledAt, without a change, if a newer snapshot agrees", () => {
    const item = aStoredAgent({
      status: { id: "9", name: "Lunch", since: atLunch.statusSince },
      channels: { freshdesk: { available: false } },
      updatedAt: "2026-11-28T10:00:00.000Z",
    });
    const { merges, counts } = compare([aSnapshot(atLunch)], [item]);

    expect(merges).toEqual([{ item, reconciledAt: "2026-11-28T11:00:01.000Z" }]);
    expect(counts).toMatchObject({ contradictory: 0, driftedFields: { status: 0, tickets: 0 } });
    const reconciled = { ...item, reconciledAt: "2026-11-28T11:00:01.000Z" };
    expect(compare([aSnapshot(atLunch)], [reconciled])).toMatchObject(NOTHING);
  });

  it("adopts a ticket channel that no event has reported", () => {
    const { merges, counts } = compare([aSnapshot()], [aStoredAgent({ channels: {} })]);

    expect(merges[0]?.facts).toEqual({
      tickets: { available: true, since: "2026-11-28T08:00:00.000Z" },
    });
    expect(counts.ticketAgentIds).toEqual({ known: 0, equalToUserId: 0 });
  });

  it("counts how often its agent ID in the ticket channel is the user ID", () => {
    const second = { availabilityId: "2", userId: "2", email: "omar@acme.example" };
    const items = [
      aStoredAgent({ channels: { freshdesk: { available: true, agentId: USER_ID } } }),
      aStoredAgent({ ...second, channels: { freshdesk: { available: true, agentId: "5" } } }),
    ];
    const { counts } = compare(
      [aSnapshot(), aSnapshot({ userId: "2", email: "omar@acme.example" })],
      items,
    );

    expect(counts.ticketAgentIds).toEqual({ known: 2, equalToUserId: 1 });
  });
});

describe("the user ID", () => {
  const unidentified = aStoredAgent({ userId: undefined });

  it("is stored on the item with the agent's address", () => {
    const { merges, counts } = compare([aSnapshot()], [unidentified]);

    expect(merges).toEqual([{ item: unidentified, userId: USER_ID }]);
    expect(counts.unidentified).toBe(0);
  });

  it("is stored together with a repair", () => {
    expect(compare([aSnapshot(atLunch)], [unidentified]).merges).toMatchObject([
      { userId: USER_ID, facts: { status: { id: "9" } } },
    ]);
  });

  it("is not stored within 60 seconds of the item's last event, but the item counts as the agent's", () => {
    const item = aStoredAgent({ userId: undefined, receivedAt: "2026-11-28T11:59:00.000Z" });

    expect(compare([aSnapshot()], [item])).toMatchObject({
      ...NOTHING,
      counts: { unidentified: 0 },
    });
  });

  it("is not stored, and nothing is repaired, while two agents in the list have the address", () => {
    const snapshots = [
      aSnapshot(atLunch),
      aSnapshot({ ...atLunch, userId: "2", loggedIn: undefined }),
    ];
    const { sessions: _s, ...result } = compare(snapshots, [unidentified]);

    expect(result).toMatchObject({ merges: [], users: [], obsoleteItems: [], removals: [] });
  });

  it("joins an item whatever its address", () => {
    const item = aStoredAgent({ email: "old@acme.example" });

    expect(compare([aSnapshot(atLunch)], [item]).merges).toMatchObject([{ item }]);
  });

  it("of another agent keeps an item from being joined by its address", () => {
    const item = aStoredAgent({ userId: "2" });
    const { merges, users, removals } = compare([aSnapshot(atLunch)], [item]);

    expect(merges).toEqual([]);
    expect(users).toMatchObject([{ userId: USER_ID }]);
    expect(removals).toEqual([{ userId: "2", items: [item] }]);
  });

  it("of a person who was forgotten after the item's last event removes the item", () => {
    const tombstone = aStoredTombstone(userKey(USER_ID), "forgotten");
    const result = compare([aSnapshot(atLunch)], [unidentified, tombstone]);

    expect(result).toMatchObject({ ...NOTHING, sessions: [], forgottenItems: [unidentified] });
  });

  it("is stored if the item's last event is newer than the removal", () => {
    const item = aStoredAgent({ userId: undefined, updatedAt: "2026-11-28T10:00:00.000Z" });
    const tombstone = aStoredTombstone(userKey(USER_ID), "forgotten");

    expect(compare([aSnapshot()], [item, tombstone])).toMatchObject({
      merges: [{ item, userId: USER_ID }],
      forgottenItems: [],
    });
  });
});

describe("several items of one person", () => {
  const old = aStoredAgent({ availabilityId: "1", updatedAt: "2026-11-27T11:59:59.000Z" });
  const newest = aStoredAgent({ availabilityId: "2", userId: undefined });

  it("are compared by the newest one, and an item without an event for 24 hours is obsolete", () => {
    const result = compare([aSnapshot(atLunch)], [old, newest]);

    expect(result.merges).toMatchObject([{ item: newest, userId: USER_ID }]);
    expect(result.obsoleteItems).toEqual([old]);
    expect(result.removals).toEqual([]);
  });

  it("remain for 24 hours after the last event", () => {
    const recent = { ...old, receivedAt: "2026-11-27T12:00:31.000Z" };

    expect(compare([aSnapshot()], [recent, newest]).obsoleteItems).toEqual([]);
  });

  it("include a user: item, which is immediately obsolete", () => {
    expect(compare([aSnapshot()], [aStoredAgent(), aStoredUser()])).toMatchObject({
      ...NOTHING,
      obsoleteItems: [aStoredUser()],
    });
    const tombstone = aStoredTombstone(userKey(USER_ID), "merged");
    expect(compare([aSnapshot()], [aStoredAgent(), tombstone])).toMatchObject(NOTHING);
  });
});

describe("an agent without an availability item", () => {
  it("gets a user: item with status and ticket channel, and a session", () => {
    const result = compare([aSnapshot()], []);

    expect(result).toMatchObject({
      ...NOTHING,
      users: [
        {
          userId: USER_ID,
          isNew: true,
          content: {
            name: "Rachel",
            email: EMAIL,
            status: { id: "7", since: "2026-11-28T08:00:00.000Z" },
            channels: { freshdesk: { available: true } },
          },
          ticketsSince: "2026-11-28T08:00:00.000Z",
          requestedAt: "2026-11-28T12:00:00.000Z",
        },
      ],
      sessions: [{ userId: USER_ID, loggedIn: true, isDrift: false }],
      counts: {
        driftedFields: { status: 0, since: 0, tickets: 0, loggedIn: 0 },
        oldestDriftSeconds: 0,
      },
    });
    expect(result.users[0]?.known).toBeUndefined();
  });

  it("gets a user: item even if the snapshot has no time", () => {
    const snapshot = aSnapshot({ statusSince: undefined, ticketsSince: undefined });

    expect(compare([snapshot], []).users).toHaveLength(1);
  });

  it("gets nothing while deactivated", () => {
    expect(compare([aSnapshot({ isDeactivated: true })], [])).toMatchObject(NOTHING);
  });

  it("keeps a user: item that agrees", () => {
    const { counts, ...writes } = compare([aSnapshot()], [aStoredUser(), aStoredSession()]);

    expect(writes).toEqual(NOTHING);
    expect(counts).toMatchObject({ checked: 1, driftedAgents: 0 });
  });

  it("keeps facts that the snapshot does not contain", () => {
    const snapshot = aSnapshot({
      name: undefined,
      email: undefined,
      statusId: undefined,
      ticketsAvailable: undefined,
    });

    expect(compare([snapshot], [aStoredUser(), aStoredSession()])).toMatchObject(NOTHING);
  });

  it.each([
    ["status", atLunch, { status: 1, tickets: 1 }],
    ["ticket channel", { ticketsAvailable: false }, { status: 0, tickets: 1 }],
    ["name", { name: "Rachel Green" }, { status: 0, tickets: 0 }],
    ["address", { email: "green@acme.example" }, { status: 0, tickets: 0 }],
    ["time in status", { statusSince: "2026-11-28T11:00:00.000Z" }, { status: 0, since: 1 }],
  ])("gets an updated user: item if the %s differs", (_, differences, drifted) => {
    const { users, counts } = compare([aSnapshot(differences)], [aStoredUser(), aStoredSession()]);

    expect(users).toMatchObject([{ known: aStoredUser(), isNew: false }]);
    expect(counts.driftedFields).toMatchObject(drifted);
  });

  it("keeps the item's other channel facts", () => {
    const stored = aStoredUser({ channels: { freshdesk: { available: true, agentId: "5" } } });
    const { users } = compare([aSnapshot(atLunch)], [stored]);

    expect(users[0]?.content.channels).toEqual({ freshdesk: { available: false, agentId: "5" } });
  });

  it("keeps an item that was written within 60 seconds before the request", () => {
    const recent = aStoredUser({ updatedAt: "2026-11-28T11:59:00.000Z" });

    expect(compare([aSnapshot(atLunch)], [recent, aStoredSession()])).toMatchObject(NOTHING);
    const settled = aStoredUser({ updatedAt: "2026-11-28T11:58:59.999Z" });
    expect(compare([aSnapshot(atLunch)], [settled]).users).toHaveLength(1);
  });

  it.each(["deleted", "merged"] as const)(
    "gets a user: item in place of a tombstone that is more than 60 seconds old (%s)",
    (reason) => {
      const tombstone = aStoredTombstone(userKey(USER_ID), reason);
      expect(compare([aSnapshot()], [tombstone]).users).toMatchObject([{ known: tombstone }]);

      const recent = aStoredTombstone(userKey(USER_ID), reason, "2026-11-28T11:59:30.000Z");
      expect(compare([aSnapshot()], [recent]).users).toEqual([]);
    },
  );

  it("stays forgotten", () => {
    const tombstones = [userKey(USER_ID), sessionKey(USER_ID)].map((key) =>
      aStoredTombstone(key, "forgotten"),
    );

    expect(compare([aSnapshot()], tombstones)).toMatchObject(NOTHING);
  });
});

describe("the login state", () => {
  const agent = aStoredAgent();

  it("is written without since if it differs from the session", () => {
    const session = aStoredSession({ updatedAt: "2026-11-28T09:00:00.000Z" });
    const { sessions, counts } = compare([aSnapshot({ loggedIn: false })], [agent, session]);

    expect(sessions).toEqual([
      {
        userId: USER_ID,
        known: session,
        email: EMAIL,
        loggedIn: false,
        since: undefined,
        isDrift: true,
        requestedAt: "2026-11-28T12:00:00.000Z",
      },
    ]);
    // The snapshot does not contain the time of the logout.
    expect(counts).toMatchObject({
      driftedAgents: 1,
      driftedFields: { loggedIn: 1 },
      oldestDriftSeconds: 0,
    });
  });

  it("is not written if the newest availability event agrees and there is no session", () => {
    expect(compare([aSnapshot()], [agent]).sessions).toEqual([]);
  });

  it("is confirmed, and keeps its since, if only a newer availability event differs", () => {
    const session = aStoredSession();
    const item = aStoredAgent({ loggedIn: false, updatedAt: "2026-11-28T09:00:00.000Z" });

    expect(compare([aSnapshot()], [item, session]).sessions).toMatchObject([
      { loggedIn: true, since: session.since, isDrift: true },
    ]);
  });

  it("is that of the session if session and availability event are of the same time", () => {
    const item = aStoredAgent({ loggedIn: false });

    expect(compare([aSnapshot()], [item, aStoredSession()]).sessions).toEqual([]);
  });

  it.each([
    ["the session", [agent, aStoredSession({ updatedAt: "2026-11-28T11:59:30.000Z" })]],
    ["the availability event", [aStoredAgent({ updatedAt: "2026-11-28T11:59:30.000Z" })]],
    [
      "the removal of the session",
      [aStoredUser(), aStoredTombstone(sessionKey(USER_ID), "deleted", "2026-11-28T11:59:30.000Z")],
    ],
  ])("is not written within 60 seconds after %s", (_, items) => {
    expect(compare([aSnapshot({ loggedIn: false })], items).sessions).toEqual([]);
  });

  it("is not written if the snapshot does not contain it", () => {
    expect(compare([aSnapshot({ loggedIn: undefined })], []).sessions).toEqual([]);
  });
});

describe("an agent who is not in the list", () => {
  const items = [aStoredAgent(), aStoredUser(), aStoredSession()];

  it("is a candidate for removal, with all items of the user", () => {
    expect(compare([], items)).toMatchObject({
      ...NOTHING,
      removals: [{ userId: USER_ID, items }],
    });
  });

  it("is a candidate for removal if deactivated", () => {
    expect(compare([aSnapshot({ isDeactivated: true })], items).removals).toEqual([
      { userId: USER_ID, items },
    ]);
  });

  it("is not a candidate if the list is incomplete", () => {
    const result = reconcile({ snapshots: [], items, now, isComplete: false });

    expect(result).toMatchObject({ ...NOTHING, counts: { unidentified: 0 } });
  });

  it("is not a candidate if only tombstones remain", () => {
    const tombstones = [userKey(USER_ID), sessionKey(USER_ID), "787096"].map((key) =>
      aStoredTombstone(key, "deleted"),
    );

    expect(compare([], tombstones)).toMatchObject(NOTHING);
  });

  it("does not include an agent in the list whose newest change is recent", () => {
    const statusSince = "2026-11-28T11:59:59.000Z";

    expect(compare([aSnapshot({ statusSince })], items).removals).toEqual([]);
  });

  it("is unidentified without a user ID, and a candidate after 24 hours without an event", () => {
    const recent = aStoredAgent({ userId: undefined });
    const old = { ...recent, receivedAt: "2026-11-27T12:00:29.000Z" };

    expect(compare([], [recent])).toMatchObject({ ...NOTHING, counts: { unidentified: 1 } });
    expect(compare([], [old])).toMatchObject({
      removals: [{ email: EMAIL, items: [old] }],
      counts: { unidentified: 1 },
    });
  });

  it("stays unidentified without an address, because nothing can confirm that the agent is gone", () => {
    const item = aStoredAgent({
      userId: undefined,
      email: undefined,
      receivedAt: "2026-11-01T12:00:00.000Z",
    });

    expect(compare([aSnapshot({ email: undefined, loggedIn: undefined })], [item])).toMatchObject({
      merges: [],
      users: [{ userId: USER_ID }],
      removals: [],
      counts: { unidentified: 1 },
    });
  });
});
