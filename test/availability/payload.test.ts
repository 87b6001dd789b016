import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { parsePayload } from "../../functions/availability/payload.ts";

const NOW = new Date("2026-11-24T12:00:00.000Z");

function payload(agent: object = {}, rest: object = {}, data: object = {}) {
  return {
    data: {
      agent_availability: {
        id: 787096,
        account_id: "13",
        updated_at: "2026-11-24T11:00:00Z",
        channel_availability: [],
        ...agent,
      },
      ...data,
    },
    ...rest,
  };
}

function changeOf(value: unknown) {
  const parsed = parsePayload(value, NOW);
  if (!parsed.ok) {
    throw new Error(JSON.stringify(parsed.issues));
  }
  return parsed.change;
}

const issuesOf = (value: unknown) => {
  const parsed = parsePayload(value, NOW);
  return parsed.ok ? [] : parsed.issues.map(({ path }) => path);
};

describe("a payload", () => {
  it("needs no more than identity, time and channels", () => {
    expect(changeOf(payload())).toEqual({
      accountId: "13",
      availabilityId: "787096",
      updatedAt: "2026-11-24T11:00:00.000Z",
      eventTimestamp: 1_795_518_000_000_000,
      content: { channels: {} },
      statedFlips: [],
    });
  });

  it("is read with every slip of the documents", () => {
    const change = changeOf(
      payload(
        {
          Email: "Rachel@ACME.com",
          logged_in: "freshcaller",
          status_id: 232,
          status_updated_at: "2026-11-24 10:00:00 UTC",
          name: "",
          channel_availability: [
            { channel: "freshcaller", available: "freshcaller", agent_id: 432 },
            { channel: "telex", available: true },
            null,
            7,
          ],
        },
        {
          timestamp: "1746181255793",
          currentHost: { endpoint_urls: { freshdesk: "https://acme.freshdesk.com" } },
        },
        {
          actor: { id: 0, name: null, type: "system" },
          associations: { status: { id: "232", name: "On break" } },
        },
      ),
    );

    expect(change).toMatchObject({
      eventTimestamp: 1_746_181_255_793_000,
      domain: "acme.freshdesk.com",
      content: {
        email: "rachel@acme.com",
        status: { id: "232", name: "On break", since: "2026-11-24T10:00:00.000Z" },
        channels: { freshcaller: { agentId: "432" }, telex: { available: true } },
        actor: { type: "system" },
      },
    });
    expect(change.content.loggedIn).toBeUndefined();
    expect(change.content.name).toBeUndefined();
    expect(change.content.channels["freshcaller"]?.available).toBeUndefined();
    expect(change.content.actor?.id).toBeUndefined();
  });

  it.each([
    [1_632_216_310.817101, 1_632_216_310_817_101],
    [1_583_839_672, 1_583_839_672_000_000],
    [1_496_400_354_326, 1_496_400_354_326_000],
    ["1632216310.5", 1_632_216_310_500_000],
    ["2026-11-24T11:00:00.250Z", 1_795_518_000_250_000],
    [null, 1_795_518_000_000_000],
    ["soon", 1_795_518_000_000_000],
    [-1, 1_795_518_000_000_000],
    [1e18, 1_795_518_000_000_000],
  ])("with timestamp %j was raised at %d microseconds", (timestamp, expected) => {
    expect(changeOf(payload({}, { timestamp })).eventTimestamp).toBe(expected);
  });

  it.each([
    [true, true],
    ["true", true],
    [false, false],
    ["false", false],
    ["freshcaller", undefined],
    ["", undefined],
    ["TRUE", undefined],
    [1, undefined],
    [0, undefined],
    [null, undefined],
  ])("that says %j of a channel says %j", (available, expected) => {
    const { channels } = changeOf(
      payload({ channel_availability: [{ channel: "a", available }] }),
    ).content;

    expect(channels["a"]?.available).toBe(expected);
  });

  it("says what was before, and which channels it flipped itself", () => {
    const channel = (available: unknown) => [
      { channel: "freshchat", available },
      { channel: "freshdesk", available: true },
    ];
    const change = changeOf(
      payload(
        { channel_availability: channel(false) },
        {},
        {
          changes: {
            model_changes: {
              status_id: [123, 232],
              status_updated_at: ["2026-11-24T09:00:00Z", "x"],
              channel_availability: [channel(true), channel(false)],
            },
          },
        },
      ),
    );

    expect(change.statedPrevious).toEqual({
      statusId: "123",
      statusSince: "2026-11-24T09:00:00.000Z",
    });
    expect(change.statedFlips).toEqual(["freshchat"]);
  });

  it.each([
    ["id", { id: null }],
    ["id", { id: 2 ** 53 }],
    ["id", { id: 1.5 }],
    ["id", { id: true }],
    ["id", { id: {} }],
    ["id", { id: ["787096"] }],
    ["id", { id: undefined }],
    ["id", { id: "x".repeat(129) }],
    ["account_id", { account_id: "" }],
    ["updated_at", { updated_at: "2026-02-30T00:00:00Z" }],
    ["updated_at", { updated_at: 1_795_518_000 }],
    ["updated_at", { updated_at: "9999-12-31T23:30:00-01:00" }],
    ["updated_at", { updated_at: "0000-01-01T00:30:00+01:00" }],
    ["updated_at", { updated_at: "2009-12-31T23:59:59Z" }],
    ["updated_at", { updated_at: "2026-11-24T12:15:00.001Z" }],
    ["channel_availability", { channel_availability: {} }],
    ["channel_availability", { channel_availability: Array.from({ length: 21 }, () => ({})) }],
    ["channel_availability.0.channel", { channel_availability: [{ channel: "x".repeat(65) }] }],
    [
      "channel_availability.0.agent_id",
      { channel_availability: [{ channel: "a", agent_id: "x".repeat(129) }] },
    ],
    ["name", { name: "x".repeat(257) }],
  ])("is invalid at %s for %j", (path, agent) => {
    expect(issuesOf(payload(agent))).toEqual([`data.agent_availability.${path}`]);
  });

  it.each([
    { updated_at: "2026-11-24T12:15:00Z" },
    { updated_at: "2010-01-01T00:00:00Z" },
    { name: "x".repeat(256) },
    { id: "x".repeat(128) },
    { channel_availability: Array.from({ length: 20 }, (_, index) => ({ channel: `${index}` })) },
    { channel_availability: [{ channel: "x".repeat(64) }] },
  ])("is just valid with %j", (agent) => {
    expect(issuesOf(payload(agent))).toEqual([]);
  });

  it.each(["9999-12-31T23:30:00-01:00", "0000-01-01T00:30:00+01:00"])(
    "has no status time where %s is in no year of four digits",
    (status_updated_at) => {
      const { status } = changeOf(payload({ status_id: 1, status_updated_at })).content;

      expect(status).toEqual({ id: "1", name: undefined, since: undefined });
    },
  );

  it("never makes the parser throw, whatever it is, and issues never quote it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (first, second) => {
        for (const value of [
          first,
          payload({ name: first, channel_availability: second }),
          payload(
            {},
            { timestamp: first, currentHost: second },
            { changes: first, actor: second, associations: first },
          ),
        ]) {
          expect(typeof parsePayload(value, NOW).ok).toBe("boolean");
        }
      }),
    );
    expect(
      JSON.stringify(parsePayload(payload({ name: `Rachel${"x".repeat(260)}` }), NOW)),
    ).not.toContain("Rachel");
  });
});
