import { describe, expect, it } from "@jest/globals";

import { catalogue } from "../../functions/availability/catalogue.ts";
import { compareChanges } from "../../functions/availability/change.ts";
import { type AvailabilityEvent, eventsOf } from "../../functions/availability/events.ts";
import type { AgentState, Fence } from "../../functions/availability/state.ts";

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

const fence: Fence = {
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
  before: AgentState | Fence | undefined,
  after: AgentState | Fence | undefined,
  personalData = false,
) {
  return eventsOf({ before, after, recordedAt: at(30) }, { personalData });
}

const detailOf = (events: readonly AvailabilityEvent[], type: string) =>
  events.find(({ detailType }) => detailType === type)?.detail;
const types = (events: readonly AvailabilityEvent[]) =>
  events.map(({ detailType }) => detailType.split(" ")[1]);

describe("events", () => {
  it("of a first sight name what is known, and have no previous", () => {
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
      statedPrevious: { statusId: "1" },
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
    (statedPrevious) => {
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
        statedPrevious,
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
      told(state, fence).map(({ detail }) => [
        detail.metadata.occurredAt,
        detail.agent,
        Object.keys(detail),
      ]),
    ).toEqual([[at(9), { availabilityId: "7" }, ["metadata", "accountId", "agent"]]]);
    expect(told(fence, undefined)).toEqual([]);
    expect(JSON.stringify(told(fence, aState({ version: 4 })))).not.toContain("previous");
    expect(told(state, { ...state, name: "by hand" })).toEqual([]);
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
      ...told(full, fence),
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
