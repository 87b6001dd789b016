import { describe, expect, it } from "@jest/globals";

import { catalogue } from "../../functions/availability/catalogue.ts";
import { compareChanges } from "../../functions/availability/change.ts";
import { type AvailabilityEvent, eventsOf, SOURCE } from "../../functions/availability/events.ts";
import type { AgentState, Tombstone } from "../../functions/availability/state.ts";

const at = (minute: number) => `2026-11-24T08:${String(minute).padStart(2, "0")}:00.000Z`;

function aState(but: Partial<AgentState> = {}): AgentState {
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
    ...but,
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
  expiresAt: 1,
};

function told(
  before: AgentState | Tombstone | undefined,
  after: AgentState | Tombstone | undefined,
  personalData = false,
) {
  return eventsOf({ before, after, recordedAt: at(30) }, { personalData });
}

const detailOf = (events: readonly AvailabilityEvent[], type: string) =>
  events.find(({ detailType }) => detailType === type)?.detail;
const types = (events: readonly AvailabilityEvent[]) =>
  events.map(({ detailType }) => detailType.split(" ")[1]);

describe("events", () => {
  it("of an agent that is first seen name what is known, and have no previous", () => {
    const events = told(
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

  it("of a change say what was, and for how long", () => {
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

    const events = told(before, after);

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
    "after a gap (%j) measure nothing",
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

      const events = told(before, after);

      expect(events.every(({ detail }) => detail.metadata.gap)).toBe(true);
      expect(JSON.stringify(events)).not.toContain("durationMs");
    },
  );

  it("measure nothing that would be negative", () => {
    const events = told(
      aState({ status: { id: "1", since: at(9) } }),
      aState({ version: 2, status: { id: "2", since: at(5) } }),
    );

    expect(JSON.stringify(detailOf(events, "Agent Status Changed"))).not.toContain("durationMs");
  });

  it("are told of a channel only while it is known, also after it was not", () => {
    const known = aState({
      channels: { freshchat: { available: true }, constructor: { available: true } },
    });
    const unknown = aState({
      version: 2,
      channels: { freshchat: {}, constructor: { available: true } },
    });

    expect(types(told(known, unknown))).toEqual(["Availability"]);
    expect(
      detailOf(told(unknown, { ...known, version: 3 }), "Agent Channel Availability Changed"),
    ).toMatchObject({ channel: "freshchat", available: true, previous: {} });
    expect(told(unknown, { ...known, version: 3 })).toHaveLength(2);
  });

  it("name each group in which anything differs, and none when all is the same", () => {
    const state = aState({
      name: "a",
      status: { id: "1", since: at(1) },
      channels: { telex: { agentId: "1" } },
    });
    const changed = (but: Partial<AgentState>) =>
      detailOf(told(state, { ...state, version: 2, ...but }), "Agent Availability Changed");

    expect(changed({})).toMatchObject({ changed: [] });
    expect(changed({ email: "a@b" })).toMatchObject({ changed: ["profile"] });
    expect(changed({ status: { id: "1", since: at(2) } })).toMatchObject({ changed: ["status"] });
    expect(changed({ channels: { telex: { agentId: "2" } } })).toMatchObject({
      changed: ["channels"],
    });
    expect(changed({ channels: {} })).toMatchObject({ changed: ["channels"] });
  });

  it("of a deletion, a forgetting and an expiry are a removal, one of ids alone, and nothing", () => {
    const state = aState({
      version: 2,
      name: "Rachel",
      status: { id: "1" },
      channels: { freshchat: { agentId: "5" } },
    });

    expect(told(state, undefined)).toMatchObject([
      {
        detailType: "Agent Removed",
        detail: {
          metadata: { version: 3, occurredAt: at(30) },
          status: { id: "1" },
          agent: { ids: { freshchat: "5" } },
        },
      },
    ]);
    expect(
      told(state, tombstone).map(({ detail }) => [
        detail.metadata.occurredAt,
        detail.agent,
        Object.keys(detail),
      ]),
    ).toEqual([[at(9), { availabilityId: "7" }, ["metadata", "accountId", "agent"]]]);
    expect(told(tombstone, undefined)).toEqual([]);
    expect(JSON.stringify(told(tombstone, aState({ version: 4 })))).not.toContain("previous");
    expect(told(state, { ...state, name: "by hand" })).toEqual([]);
  });

  it("of a removal have an id of their own, an operator as their origin, and no gap", () => {
    const [deleted] = told(aState({ version: 2 }), undefined);
    const [forgotten] = told(aState({ version: 2 }), tombstone);

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

  it("of a status have an id of their own", () => {
    const events = told(undefined, aState({ status: { id: "1" } }));

    expect(detailOf(events, "Agent Status Changed")?.metadata.id).toBe(
      "13/7/1000/1/AgentStatusChanged",
    );
  });

  it("are told of a later epoch although its version is the same", () => {
    const events = told(aState({ version: 1 }), aState({ version: 1, epoch: 2000 }));

    expect(events.map(({ detail }) => detail.metadata.id)).toEqual([
      "13/7/2000/1/AgentAvailabilityChanged",
    ]);
  });

  it("tell nothing of a tombstone that is made where nobody was, or out of a tombstone", () => {
    expect(told(undefined, tombstone)).toEqual([]);
    expect(told({ ...tombstone, version: 2 }, tombstone)).toEqual([]);
  });

  it("name the agent's id in those channels only in which it is known", () => {
    const channels = { freshchat: { agentId: "5" }, freshdesk: { available: true } };

    const [changed] = told(undefined, aState({ channels }));

    expect(Object.entries(changed?.detail.agent.ids ?? {})).toEqual([["freshchat", "5"]]);
  });

  it.each([
    ["says what was stored", { statusId: "1", statusSince: at(0) }, false],
    ["names the same status alone", { statusId: "1" }, false],
    ["names the same time alone", { statusSince: at(0) }, false],
    ["names another status", { statusId: "2", statusSince: at(0) }, true],
    ["names another time", { statusId: "1", statusSince: at(1) }, true],
    ["says nothing", undefined, false],
  ])("have a gap, or none, where the change %s", (_, reportedPrevious, gap) => {
    const before = aState({ status: { id: "1", since: at(0) } });

    const [changed] = told(before, aState({ version: 2, reportedPrevious }));

    expect(changed?.detail.metadata.gap).toBe(gap);
  });

  it("have a gap where the change says what was, and nothing was known, but none when first seen", () => {
    const gapOf = (
      before: AgentState | undefined,
      reportedPrevious: AgentState["reportedPrevious"],
    ) => told(before, aState({ version: 2, reportedPrevious }))[0]?.detail.metadata.gap;

    expect(gapOf(aState(), { statusId: "1" })).toBe(true);
    expect(gapOf(aState(), { statusSince: at(1) })).toBe(true);
    expect(gapOf(undefined, { statusId: "1", statusSince: at(1) })).toBe(false);
  });

  it.each([
    ["a status that began at once", at(5), at(5), 0],
    ["a status since when is not known", undefined, at(5), undefined],
    ["a status until when is not known", at(5), undefined, undefined],
  ])("measure %s: from %j to %j", (_, from, to, durationMs) => {
    const events = told(
      aState({ status: { id: "1", since: from } }),
      aState({ version: 2, status: { id: "2", since: to } }),
    );

    expect(detailOf(events, "Agent Status Changed")).toHaveProperty(
      "previous.durationMs",
      durationMs,
    );
  });

  it("have a previous that is empty where no status was known", () => {
    const events = told(aState(), aState({ version: 2, status: { id: "2", since: at(5) } }));

    expect(detailOf(events, "Agent Status Changed")).toMatchObject({
      previous: { status: undefined, durationMs: undefined },
    });
  });

  it("are none of a status that is the same, or not known", () => {
    const before = aState({ status: { id: "1", since: at(0) } });
    const statusEventsOf = (status: AgentState["status"]) =>
      types(told(before, aState({ version: 2, status }))).filter((type) => type === "Status");

    expect(statusEventsOf({ id: "1", since: at(4) })).toEqual([]);
    expect(statusEventsOf(undefined)).toEqual([]);
    expect(statusEventsOf({ id: "2" })).toEqual(["Status"]);
  });

  it("do not measure a channel of which it is not known since when, nor one that was not known", () => {
    const open = { available: true };
    const durationOf = (before: Partial<AgentState>, channel: string) =>
      told(aState(before), {
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

  it("say that the channels differ where one of several does, or another name is there", () => {
    const channels = { freshchat: { available: true }, freshdesk: { available: true } };
    const changedBy = (now: AgentState["channels"]) =>
      Reflect.get(
        told(aState({ channels }), aState({ version: 2, channels: now }))[0]?.detail ?? {},
        "changed",
      ) as unknown;

    expect(changedBy(channels)).toEqual([]);
    expect(changedBy({ ...channels, freshdesk: { available: false } })).toEqual(["channels"]);
    expect(changedBy({ freshchat: { available: true }, telex: { available: true } })).toEqual([
      "channels",
    ]);
    expect(changedBy({ freshchat: { available: true } })).toEqual(["channels"]);
  });

  it("say that the profile differs where the name does, where the address does, and where both images lack them but differed", () => {
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

  it("come from the hub's source", () => {
    expect(SOURCE).toBe("freshworks.agent-availability");
  });

  it("hold names and addresses only where the stage says so", () => {
    const state = aState({
      name: "Rachel",
      email: "r@acme.com",
      actor: { type: "agent", name: "Minerva" },
    });

    expect(JSON.stringify(told(undefined, state))).not.toMatch(/Rachel|acme|Minerva/);
    expect(told(undefined, state, true)[0]?.detail).toMatchObject({
      agent: { name: "Rachel", email: "r@acme.com" },
      actor: { name: "Minerva" },
    });
  });

  it("are all as the catalogue has them", () => {
    const full = aState({
      status: { id: "1", since: at(1) },
      channels: { freshchat: { available: true, agentId: "1" } },
      actor: { type: "system" },
    });
    const events = [
      ...told(undefined, full),
      ...told(full, aState({ version: 2, status: { id: "2" } })),
      ...told(full, undefined),
      ...told(full, tombstone),
    ];

    for (const { detailType, detail } of events) {
      const published = { ...detail, metadata: { ...detail.metadata, publishedAt: at(31) } };
      expect(catalogue[detailType].strict().safeParse(published).error?.issues).toBeUndefined();
    }
    expect(new Set(types(events)).size).toBe(4);
  });
});

it("orders changes by time, then by the envelope's time, then by content", () => {
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
