import { describe, expect, it } from "@jest/globals";

import { catalogue } from "../../functions/availability/catalogue.ts";
import { compareChanges } from "../../functions/availability/change.ts";
import { eventsOf } from "../../functions/availability/events.ts";
import { type AvailabilityEvent, SOURCE } from "../../functions/availability/typed-event.ts";
import type {
  AgentState,
  SessionState,
  StoredItem,
  Tombstone,
} from "../../functions/availability/state.ts";

const at = (minute: number) => `2026-11-24T08:${String(minute).padStart(2, "0")}:00.000Z`;

function aState(overrides: Partial<AgentState> = {}): AgentState {
  return {
    accountId: "13",
    availabilityId: "7",
    epoch: 1000,
    version: 1,
    updatedAt: at(0),
    eventTimestamp: 1,
    contentHash: "a",
    receivedAt: at(1),
    origin: "relay",
    channels: {},
    since: {},
    ...overrides,
  };
}

function aSession(overrides: Partial<SessionState> = {}): SessionState {
  return {
    accountId: "13",
    availabilityId: "session:72",
    epoch: 1000,
    version: 1,
    updatedAt: at(3),
    eventTimestamp: 1,
    contentHash: "a",
    receivedAt: at(4),
    origin: "relay",
    userId: "72",
    email: "r@acme.com",
    loggedIn: true,
    since: at(2),
    ...overrides,
  };
}

const tombstone: Tombstone = {
  accountId: "13",
  availabilityId: "7",
  epoch: 1000,
  version: 3,
  updatedAt: at(0),
  eventTimestamp: 1,
  contentHash: "a",
  removedAt: at(9),
  removedBecause: "forgotten",
  expiresAt: 1,
};

function eventsBetween(
  before: StoredItem | undefined,
  after: StoredItem | undefined,
  personalData = false,
) {
  return eventsOf({ before, after, recordedAt: at(30) }, { personalData });
}

const detailOf = (events: readonly AvailabilityEvent[], type: string) =>
  events.find(({ detailType }) => detailType === type)?.detail;
const types = (events: readonly AvailabilityEvent[]) =>
  events.map(({ detailType }) => detailType.split(" ")[1]);

const changedType = "Agent Availability Changed";

describe("eventsOf", () => {
  it("returns the known values of an agent that is first seen, without previous values", () => {
    const events = eventsBetween(
      undefined,
      aState({
        loggedIn: true,
        status: { id: "1" },
        channels: { freshchat: { available: true }, telex: {} },
      }),
    );

    expect(types(events)).toEqual(["Availability", "Status", "Channel"]);
    expect(events[0]?.detail).toMatchObject({
      changed: ["status", "loggedIn", "channels"],
      metadata: { id: "13/7/1000/1/AgentAvailabilityChanged", gap: false },
    });
    expect(JSON.stringify(events)).not.toContain("previous");
  });

  it("returns previous values and durations for a change", () => {
    const before = aState({
      status: { id: "1", since: at(0) },
      channels: { freshchat: { available: true } },
      since: { freshchat: { availableSince: at(2) } },
    });
    const after = aState({
      version: 2,
      status: { id: "2", since: at(5) },
      channels: { freshchat: { available: false } },
      since: { freshchat: { unavailableSince: at(5) } },
      reportedPrevious: { statusId: "1" },
    });

    const events = eventsBetween(before, after);

    expect(detailOf(events, "Agent Status Changed")).toMatchObject({
      previous: { status: { id: "1", since: at(0) }, durationMs: 300_000 },
    });
    expect(detailOf(events, "Agent Channel Availability Changed")).toMatchObject({
      metadata: { id: "13/7/1000/2/AgentChannelAvailabilityChanged/freshchat" },
      channel: "freshchat",
      available: false,
      previous: { available: true, durationMs: 180_000 },
    });
  });

  it.each([{ statusId: "9" }, { statusSince: at(1) }])(
    "returns no duration if the reported previous values differ from the stored ones (%j)",
    (reportedPrevious) => {
      const before = aState({
        status: { id: "1", since: at(0) },
        channels: { freshchat: { available: true } },
        since: { freshchat: { availableSince: at(2) } },
      });
      const after = aState({
        version: 2,
        status: { id: "2", since: at(5) },
        channels: { freshchat: { available: false } },
        since: { freshchat: { unavailableSince: at(5) } },
        reportedPrevious,
      });

      const events = eventsBetween(before, after);

      expect(events.every(({ detail }) => detail.metadata.gap)).toBe(true);
      expect(JSON.stringify(events)).not.toContain("durationMs");
    },
  );

  it("returns no negative duration", () => {
    const events = eventsBetween(
      aState({ status: { id: "1", since: at(9) } }),
      aState({ version: 2, status: { id: "2", since: at(5) } }),
    );

    expect(JSON.stringify(detailOf(events, "Agent Status Changed"))).not.toContain("durationMs");
  });

  it("returns an event for a channel if its availability is known, even if it was unknown before", () => {
    const known = aState({
      channels: { freshchat: { available: true }, constructor: { available: true } },
    });
    const unknown = aState({
      version: 2,
      channels: { freshchat: {}, constructor: { available: true } },
    });

    expect(types(eventsBetween(known, unknown))).toEqual(["Availability"]);
    expect(
      detailOf(
        eventsBetween(unknown, { ...known, version: 3 }),
        "Agent Channel Availability Changed",
      ),
    ).toMatchObject({ channel: "freshchat", available: true, previous: {} });
    expect(eventsBetween(unknown, { ...known, version: 3 })).toHaveLength(2);
  });

  it("lists each group of values that differs, and none if all are equal", () => {
    const state = aState({
      name: "a",
      status: { id: "1", since: at(1) },
      channels: { telex: { agentId: "1" } },
    });
    const changed = (overrides: Partial<AgentState>) =>
      detailOf(
        eventsBetween(state, { ...state, version: 2, ...overrides }),
        "Agent Availability Changed",
      );

    expect(changed({})).toMatchObject({ changed: [] });
    expect(changed({ email: "a@b" })).toMatchObject({ changed: ["profile"] });
    expect(changed({ status: { id: "1", since: at(2) } })).toMatchObject({ changed: ["status"] });
    expect(changed({ channels: { telex: { agentId: "2" } } })).toMatchObject({
      changed: ["channels"],
    });
    expect(changed({ channels: {} })).toMatchObject({ changed: ["channels"] });
  });

  it("returns a removal for a deletion, one with IDs only for a tombstone, and nothing for an expiry", () => {
    const state = aState({
      version: 2,
      name: "Rachel",
      status: { id: "1" },
      channels: { freshchat: { agentId: "5" } },
    });

    expect(eventsBetween(state, undefined)).toMatchObject([
      {
        detailType: "Agent Removed",
        detail: {
          metadata: { version: 3, occurredAt: at(30) },
          reason: "item-deleted",
          status: { id: "1" },
          agent: { ids: { freshchat: "5" } },
        },
      },
    ]);
    expect(
      eventsBetween(state, tombstone).map(({ detail }) => [
        detail.metadata.occurredAt,
        detail.agent,
        Object.keys(detail),
      ]),
    ).toEqual([[at(9), { availabilityId: "7" }, ["metadata", "accountId", "agent", "reason"]]]);
    expect(eventsBetween(tombstone, undefined)).toEqual([]);
    expect(JSON.stringify(eventsBetween(tombstone, aState({ version: 4 })))).not.toContain(
      "previous",
    );
    expect(eventsBetween(state, { ...state, name: "edited manually" })).toEqual([]);
  });

  it.each([
    ["forgotten", "operator", undefined],
    ["deleted", "relay", undefined],
    ["deleted", "reconcile", "reconcile"],
    ["merged", "reconcile", undefined],
  ] as const)(
    "returns the reason of a removal: %s, whose origin is %s",
    (removedBecause, origin, stored) => {
      const state = aState({
        version: 2,
        userId: "72",
        name: "Rachel",
        channels: { freshchat: {} },
      });

      expect(eventsBetween(state, { ...tombstone, removedBecause, origin: stored }, true)).toEqual([
        {
          detailType: "Agent Removed",
          detail: {
            metadata: {
              id: "13/7/1000/3/AgentRemoved",
              schemaVersion: 1,
              epoch: 1000,
              version: 3,
              occurredAt: at(9),
              origin,
              gap: false,
            },
            accountId: "13",
            agent: { availabilityId: "7", userId: "72" },
            reason: removedBecause,
          },
        },
      ]);
    },
  );

  it("returns nothing if a later removal replaces a tombstone", () => {
    expect(
      eventsBetween({ ...tombstone, version: 2 }, { ...tombstone, removedAt: at(20) }),
    ).toEqual([]);
  });

  it("returns the user ID once it is known, and nothing when it becomes known", () => {
    const known = aState({ userId: "72" });

    expect(eventsBetween(undefined, aState())[0]?.detail.agent).not.toHaveProperty("userId", "72");
    expect(eventsBetween(undefined, known)[0]?.detail.agent).toHaveProperty("userId", "72");
    expect(eventsBetween(aState(), known)).toEqual([]);
    expect(detailOf(eventsBetween(aState(), { ...known, version: 2 }), changedType)).toMatchObject({
      changed: [],
      agent: { userId: "72" },
    });
  });

  it("returns events for user: items as for availability items", () => {
    const before = aState({
      availabilityId: "user:72",
      userId: "72",
      channels: { freshdesk: { available: false } },
      since: { freshdesk: { unavailableSince: at(2) } },
    });
    const after = {
      ...before,
      version: 2,
      channels: { freshdesk: { available: true } },
      since: { freshdesk: { availableSince: at(5) } },
    };

    expect(types(eventsBetween(undefined, before))).toEqual(["Availability", "Channel"]);
    expect(eventsBetween(before, after)).toMatchObject([
      { detail: { changed: ["channels"], agent: { availabilityId: "user:72", userId: "72" } } },
      {
        detail: {
          metadata: { id: "13/user:72/1000/2/AgentChannelAvailabilityChanged/freshdesk" },
          previous: { available: false, durationMs: 180_000 },
        },
      },
    ]);
    expect(types(eventsBetween(after, undefined))).toEqual(["Removed"]);
  });

  it("returns removals with an ID of their own, origin operator and no gap", () => {
    const [deleted] = eventsBetween(aState({ version: 2 }), undefined);
    const [forgotten] = eventsBetween(aState({ version: 2 }), tombstone);

    expect(deleted?.detail.metadata).toEqual({
      id: "13/7/1000/3/AgentRemoved",
      schemaVersion: 1,
      epoch: 1000,
      version: 3,
      occurredAt: at(30),
      origin: "operator",
      gap: false,
    });
    expect(forgotten?.detail.metadata).toEqual({ ...deleted?.detail.metadata, occurredAt: at(9) });
  });

  it("returns status events with an ID of their own", () => {
    const events = eventsBetween(undefined, aState({ status: { id: "1" } }));

    expect(detailOf(events, "Agent Status Changed")?.metadata.id).toBe(
      "13/7/1000/1/AgentStatusChanged",
    );
  });

  it("returns events for a later epoch with the same version", () => {
    const events = eventsBetween(aState({ version: 1 }), aState({ version: 1, epoch: 2000 }));

    expect(events.map(({ detail }) => detail.metadata.id)).toEqual([
      "13/7/2000/1/AgentAvailabilityChanged",
    ]);
  });

  it("returns nothing for a tombstone where no agent was stored", () => {
    expect(eventsBetween(undefined, tombstone)).toEqual([]);
    expect(eventsBetween({ ...tombstone, version: 2 }, tombstone)).toEqual([]);
  });

  it("returns the agent ID of a channel only if it is known", () => {
    const channels = { freshchat: { agentId: "5" }, freshdesk: { available: true } };

    const [changed] = eventsBetween(undefined, aState({ channels }));

    expect(changed?.detail.agent).toHaveProperty("ids", { freshchat: "5" });
  });

  it.each([
    ["reports the stored values", { statusId: "1", statusSince: at(0) }, false],
    ["reports only the stored status", { statusId: "1" }, false],
    ["reports only the stored time", { statusSince: at(0) }, false],
    ["reports another status", { statusId: "2", statusSince: at(0) }, true],
    ["reports another time", { statusId: "1", statusSince: at(1) }, true],
    ["reports no previous values", undefined, false],
  ])("detects whether there is a gap if the event %s", (_, reportedPrevious, gap) => {
    const before = aState({ status: { id: "1", since: at(0) } });

    const [changed] = eventsBetween(before, aState({ version: 2, reportedPrevious }));

    expect(changed?.detail.metadata.gap).toBe(gap);
  });

  it("returns a gap if values are reported that were unknown, but none when the agent is first seen", () => {
    const gapOf = (
      before: AgentState | undefined,
      reportedPrevious: AgentState["reportedPrevious"],
    ) => eventsBetween(before, aState({ version: 2, reportedPrevious }))[0]?.detail.metadata.gap;

    expect(gapOf(aState(), { statusId: "1" })).toBe(true);
    expect(gapOf(aState(), { statusSince: at(1) })).toBe(true);
    expect(gapOf(undefined, { statusId: "1", statusSince: at(1) })).toBe(false);
  });

  it.each([
    ["a status without duration", at(5), at(5), 0],
    ["a status with unknown start", undefined, at(5), undefined],
    ["a status with unknown end", at(5), undefined, undefined],
  ])("returns the duration of %s: from %j to %j", (_, from, to, durationMs) => {
    const events = eventsBetween(
      aState({ status: { id: "1", since: from } }),
      aState({ version: 2, status: { id: "2", since: to } }),
    );

    expect(detailOf(events, "Agent Status Changed")).toHaveProperty(
      "previous.durationMs",
      durationMs,
    );
  });

  it("returns an empty previous value if the status was unknown", () => {
    const events = eventsBetween(
      aState(),
      aState({ version: 2, status: { id: "2", since: at(5) } }),
    );

    expect(detailOf(events, "Agent Status Changed")).toMatchObject({
      previous: { status: undefined, durationMs: undefined },
    });
  });

  it("returns no status event if the status ID is equal or unknown", () => {
    const before = aState({ status: { id: "1", since: at(0) } });
    const statusEventsOf = (status: AgentState["status"]) =>
      types(eventsBetween(before, aState({ version: 2, status }))).filter(
        (type) => type === "Status",
      );

    expect(statusEventsOf({ id: "1", since: at(4) })).toEqual([]);
    expect(statusEventsOf(undefined)).toEqual([]);
    expect(statusEventsOf({ id: "2" })).toEqual(["Status"]);
  });

  it("returns no duration for a channel if its start or its previous availability is unknown", () => {
    const open = { available: true };
    const durationOf = (before: Partial<AgentState>, channel: string) =>
      eventsBetween(aState(before), {
        ...aState({ version: 2, channels: { [channel]: { available: false } } }),
        since: { freshchat: { unavailableSince: at(5) } },
      }).map(
        ({ detail }) =>
          Reflect.get(Object(Reflect.get(detail, "previous")), "durationMs") as unknown,
      )[1];

    expect(
      durationOf(
        { channels: { freshchat: open }, since: { freshchat: { availableSince: at(2) } } },
        "freshchat",
      ),
    ).toBe(180_000);
    expect(durationOf({ channels: { telex: open } }, "telex")).toBeUndefined();
    expect(durationOf({ channels: { freshchat: open } }, "freshchat")).toBeUndefined();
    expect(
      durationOf(
        { channels: { freshchat: {} }, since: { freshchat: { unavailableSince: at(2) } } },
        "freshchat",
      ),
    ).toBeUndefined();
  });

  it("lists channels as changed if one of them or their names differ", () => {
    const channels = { freshchat: { available: true }, freshdesk: { available: true } };
    const changedBy = (now: AgentState["channels"]) =>
      Reflect.get(
        eventsBetween(aState({ channels }), aState({ version: 2, channels: now }))[0]?.detail ?? {},
        "changed",
      ) as unknown;

    expect(changedBy(channels)).toEqual([]);
    expect(changedBy({ ...channels, freshdesk: { available: false } })).toEqual(["channels"]);
    expect(changedBy({ freshchat: { available: true }, telex: { available: true } })).toEqual([
      "channels",
    ]);
    expect(changedBy({ freshchat: { available: true } })).toEqual(["channels"]);
  });

  it("lists the profile as changed if the name or email address differs, even if both images omit them", () => {
    const changedOf = (after: Partial<AgentState>, profileChanged?: boolean) =>
      Reflect.get(
        eventsOf(
          {
            before: aState({ name: "a", email: "a@b" }),
            after: aState({ version: 2, name: "a", email: "a@b", ...after }),
            recordedAt: at(30),
            ...(profileChanged !== undefined && { profileChanged }),
          },
          { personalData: false },
        )[0]?.detail ?? {},
        "changed",
      ) as unknown;

    expect(changedOf({})).toEqual([]);
    expect(changedOf({ name: "b" })).toEqual(["profile"]);
    expect(changedOf({ email: "b@b" })).toEqual(["profile"]);
    expect(changedOf({}, true)).toEqual(["profile"]);
  });

  it("keeps the source of all events", () => {
    expect(SOURCE).toBe("freshworks.agent-availability");
  });

  it("includes names and email addresses only if the stage publishes them", () => {
    const state = aState({
      name: "Rachel",
      email: "r@acme.com",
      actor: { type: "agent", name: "Minerva" },
    });

    expect(JSON.stringify(eventsBetween(undefined, state))).not.toMatch(/Rachel|acme|Minerva/);
    expect(eventsBetween(undefined, state, true)[0]?.detail).toMatchObject({
      agent: { name: "Rachel", email: "r@acme.com" },
      actor: { name: "Minerva" },
    });
  });

  it("returns only events that match the catalogue", () => {
    const full = aState({
      status: { id: "1", since: at(1) },
      channels: { freshchat: { available: true, agentId: "1" } },
      actor: { type: "system" },
    });
    const events = [
      ...eventsBetween(undefined, full),
      ...eventsBetween(full, aState({ version: 2, status: { id: "2" } })),
      ...eventsBetween(full, undefined),
      ...eventsBetween(full, tombstone),
      ...eventsBetween(undefined, aSession(), true),
      ...eventsBetween(aSession(), aSession({ version: 2, loggedIn: false, since: undefined })),
    ];

    for (const { detailType, detail } of events) {
      const published = { ...detail, metadata: { ...detail.metadata, publishedAt: at(31) } };
      expect(catalogue[detailType].strict().safeParse(published).error?.issues).toBeUndefined();
    }
    expect(new Set(types(events)).size).toBe(5);
  });
});

describe("the events of a repair", () => {
  const before = aState({ status: { id: "1", since: at(0) } });
  const repaired = aState({
    version: 2,
    origin: "reconcile",
    reconciledAt: at(20),
    status: { id: "2", since: at(20) },
  });

  it("have a gap, the time of the snapshot and no duration", () => {
    const events = eventsBetween(before, repaired);

    expect(types(events)).toEqual(["Availability", "Status"]);
    for (const { detail } of events) {
      expect(detail.metadata).toMatchObject({
        origin: "reconcile",
        gap: true,
        occurredAt: at(20),
        version: 2,
      });
    }
    expect(detailOf(events, "Agent Status Changed")).toMatchObject({
      status: { id: "2", since: at(20) },
      previous: { status: { id: "1" } },
    });
    expect(JSON.stringify(events)).not.toContain("durationMs");
  });

  it("have no gap if the agent is first seen", () => {
    const user = aState({ availabilityId: "user:72", userId: "72", origin: "reconcile" });

    expect(eventsBetween(undefined, user)[0]?.detail.metadata).toMatchObject({
      gap: false,
      occurredAt: at(0),
    });
  });

  it("do not affect the time of a change by an event, even if a later snapshot was compared", () => {
    const after = aState({ version: 2, updatedAt: at(10), reconciledAt: at(20) });

    expect(eventsBetween(aState(), after)[0]?.detail.metadata.occurredAt).toBe(at(10));
  });

  it("do not exist if the item only got a user ID or reconciledAt", () => {
    expect(eventsBetween(before, { ...before, userId: "72", reconciledAt: at(20) })).toEqual([]);
  });
});

describe("eventsOf for a session", () => {
  const loggedOut = aSession({ version: 2, loggedIn: false, since: at(7) });

  it("returns a login that is first seen, with its time and without previous values", () => {
    const [event, ...others] = eventsBetween(undefined, aSession());

    expect(others).toEqual([]);
    expect(event).toEqual({
      detailType: "Agent Login Changed",
      detail: {
        metadata: {
          id: "13/session:72/1000/1/AgentLoginChanged",
          schemaVersion: 1,
          epoch: 1000,
          version: 1,
          occurredAt: at(2),
          receivedAt: at(4),
          origin: "relay",
          gap: false,
        },
        accountId: "13",
        agent: { userId: "72" },
        loggedIn: true,
        since: at(2),
      },
    });
  });

  it("returns a logout with the length of the session", () => {
    expect(eventsBetween(aSession(), loggedOut)).toMatchObject([
      {
        detail: {
          metadata: { id: "13/session:72/1000/2/AgentLoginChanged", occurredAt: at(7) },
          loggedIn: false,
          previous: { loggedIn: true, durationMs: 300_000 },
        },
      },
    ]);
  });

  it.each([
    ["the start is unknown", { since: undefined }, {}],
    ["the end is unknown", {}, { since: undefined }],
    ["the result would be negative", { since: at(9) }, {}],
  ])("returns no duration if %s", (_, before, after) => {
    const [event] = eventsBetween(aSession(before), { ...loggedOut, ...after });

    expect(event?.detail).toHaveProperty("previous.loggedIn", true);
    expect(event?.detail).toHaveProperty("previous.durationMs", undefined);
  });

  it("returns the session's updatedAt as occurredAt if its start is unknown", () => {
    const [event] = eventsBetween(undefined, aSession({ since: undefined }));

    expect(event?.detail.metadata.occurredAt).toBe(at(3));
  });

  it("returns nothing for a write that only confirms the login state", () => {
    expect(
      eventsBetween(aSession(), aSession({ version: 2, since: at(9), email: "x@acme.com" })),
    ).toEqual([]);
    expect(eventsBetween(loggedOut, { ...loggedOut, version: 3, updatedAt: at(9) })).toEqual([]);
  });

  it("returns nothing for the removal of a session, nor for the expiry of its tombstone", () => {
    const removed = { ...tombstone, availabilityId: "session:72" };

    expect(eventsBetween(aSession(), removed)).toEqual([]);
    expect(eventsBetween(aSession(), undefined)).toEqual([]);
    expect(eventsBetween(undefined, removed)).toEqual([]);
    expect(eventsBetween(removed, undefined)).toEqual([]);
  });

  it("returns a login after a removal as first seen", () => {
    const removed = { ...tombstone, availabilityId: "session:72" };
    const [event] = eventsBetween(removed, aSession({ version: 4 }));

    expect(event?.detail.metadata.id).toBe("13/session:72/1000/4/AgentLoginChanged");
    expect(event?.detail).toHaveProperty("previous", undefined);
  });

  it("includes the email address only if the stage publishes it", () => {
    expect(JSON.stringify(eventsBetween(undefined, aSession()))).not.toContain("acme");
    expect(eventsBetween(undefined, aSession(), true)[0]?.detail.agent).toEqual({
      userId: "72",
      email: "r@acme.com",
    });
  });
});

it("orders changes by updatedAt, then by the envelope's timestamp, then by content", () => {
  const order = (updatedAt: string, eventTimestamp: number, contentHash: string) => ({
    updatedAt,
    eventTimestamp,
    contentHash,
  });
  const ascending = [
    order(at(1), 9, "z"),
    order(at(2), 1, "z"),
    order(at(2), 2, "a"),
    order(at(2), 2, "b"),
  ];

  for (const [index, first] of ascending.entries()) {
    expect(ascending.map((second) => Math.sign(compareChanges(first, second)))).toEqual(
      ascending.map((_, other) => Math.sign(index - other)),
    );
  }
});
