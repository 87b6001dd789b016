import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { parsePayload } from "../../functions/availability/payload.ts";
import { aPayload } from "../../tools/fakes/payload.ts";

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

/** Returns the paths of all values in an object that are not objects themselves. */
function leavesOf(value: unknown): string[][] {
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, inner]) =>
        leavesOf(inner).map((path) => [name].concat(path)),
      )
    : [[]];
}

/** Returns a copy with another value at a path. */
function withValue(object: unknown, [name, ...path]: readonly string[], value: unknown): unknown {
  if (name === undefined) {
    return value;
  }
  const copy = (
    Array.isArray(object) ? [...(object as unknown[])] : { ...(object as object) }
  ) as Record<string, unknown>;
  copy[name] = withValue(copy[name], path, value);
  return copy;
}

describe("a payload", () => {
  it("requires only IDs, a time and a list of channels", () => {
    expect(changeOf(payload())).toEqual({
      accountId: "13",
      availabilityId: "787096",
      updatedAt: "2026-11-24T11:00:00.000Z",
      eventTimestamp: 1_795_518_000_000_000,
      content: { channels: {} },
      reportedChannelChanges: [],
    });
  });

  it("is parsed despite the inconsistencies of the documentation", () => {
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
    ["2026-11-24T11:00:00.250123Z", 1_795_518_000_250_123],
    [null, 1_795_518_000_000_000],
    ["soon", 1_795_518_000_000_000],
    [-1, 1_795_518_000_000_000],
    [1e18, 1_795_518_000_000_000],
  ])("with timestamp %j was raised at microsecond %d", (timestamp, expected) => {
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
  ])("with availability %j reports %j", (available, expected) => {
    const { channels } = changeOf(
      payload({ channel_availability: [{ channel: "a", available }] }),
    ).content;

    expect(channels["a"]?.available).toBe(expected);
  });

  it("reports previous values and channel changes", () => {
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

    expect(change.reportedPrevious).toEqual({
      statusId: "123",
      statusSince: "2026-11-24T09:00:00.000Z",
    });
    expect(change.reportedChannelChanges).toEqual(["freshchat"]);
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
  ])("is valid at the limit with %j", (agent) => {
    expect(issuesOf(payload(agent))).toEqual([]);
  });

  it.each([
    [null, "body", "must be an object"],
    [{}, "data", "must be an object"],
    [{ data: {} }, "data.agent_availability", "must be an object"],
    [
      payload({ account_id: null }),
      "data.agent_availability.account_id",
      "must be a non-empty string or a safe integer",
    ],
    [
      payload({ id: "x".repeat(129) }),
      "data.agent_availability.id",
      "must be at most 128 characters long (got 129)",
    ],
    [
      payload({ updated_at: "soon" }),
      "data.agent_availability.updated_at",
      "must be a time in ISO 8601 or in the form 2022-08-29 18:45:26 UTC",
    ],
    [
      payload({ updated_at: "2009-12-31T23:59:59Z" }),
      "data.agent_availability.updated_at",
      "must be in 2010 or later",
    ],
    [
      payload({ updated_at: "2026-11-24T13:00:00Z" }),
      "data.agent_availability.updated_at",
      "must be at most 15 minutes in the future",
    ],
    [
      payload({ channel_availability: null }),
      "data.agent_availability.channel_availability",
      "must be a list of channels",
    ],
    [
      payload({ channel_availability: Array.from({ length: 21 }, () => ({})) }),
      "data.agent_availability.channel_availability",
      "must contain at most 20 channels (got 21)",
    ],
    [
      payload({ name: "x".repeat(257) }),
      "data.agent_availability.name",
      "must be at most 256 characters long (got 257)",
    ],
  ])("that is invalid has an issue with path and allowed values: %#", (value, path, message) => {
    expect(parsePayload(value, NOW)).toMatchObject({ ok: false, issues: [{ path, message }] });
  });

  const long = "x".repeat(257);

  it.each([
    ["region", {}, { region: long }, {}],
    ["domain", {}, { domain: long }, {}],
    [
      "currentHost.endpoint_urls.freshdesk",
      {},
      { currentHost: { endpoint_urls: { freshdesk: long } }, domain: "acme.freshdesk.com" },
      {},
    ],
    ["data.actor.id", {}, {}, { actor: { type: "agent", id: long } }],
    ["data.actor.name", {}, {}, { actor: { type: "agent", id: "1", name: long } }],
    ["data.agent_availability.Email", { Email: long, email: "a@b.c" }, {}, {}],
    ["data.agent_availability.email", { email: long }, {}, {}],
    ["data.agent_availability.status_id", { status_id: long }, {}, {}],
    ["data.associations.status.id", {}, {}, { associations: { status: { id: long } } }],
    ["data.associations.status.name", {}, {}, { associations: { status: { id: 1, name: long } } }],
    [
      "data.agent_availability.channel_availability.0.channel_account_id",
      { channel_availability: [{ channel: "freshchat", channel_account_id: long }] },
      {},
      {},
    ],
  ])("is invalid and names %s if that is too long", (path, agent, rest, data) => {
    expect(issuesOf(payload(agent, rest, data))).toEqual([path]);
  });

  it("that is invalid has an account ID if it can be read", () => {
    const accountOf = (value: unknown) => parsePayload(value, NOW).accountId;

    expect(accountOf(payload({ id: null }))).toBe("13");
    expect(accountOf(payload({ id: null, account_id: 14 }))).toBe("14");
    expect(accountOf(payload({ updated_at: "2009-12-31T23:59:59Z" }))).toBe("13");
    expect(accountOf(payload({ name: "x".repeat(257) }))).toBe("13");
    expect(accountOf(payload({ account_id: null }))).toBeUndefined();
    expect(accountOf(7)).toBeUndefined();
  });

  it.each([
    ["an actor's type", {}, { actor: { type: "x".repeat(257) } }],
    [
      "an actor of unknown type",
      {},
      { actor: { type: "robot", id: "x".repeat(257), name: "x".repeat(257) } },
    ],
    ["a second email address", { Email: "a@b.c", email: "x".repeat(257) }, {}],
    [
      "another status",
      { status_id: 1 },
      { associations: { status: { id: "x".repeat(257), name: "x".repeat(257) } } },
    ],
    [
      "a channel without a name",
      { channel_availability: [{ agent_id: "x".repeat(257) }] },
      { changes: { model_changes: { channel_availability: [[{ channel: "x".repeat(257) }]] } } },
    ],
    [
      "a reported previous status",
      {},
      { changes: { model_changes: { status_id: ["x".repeat(257), 1] } } },
    ],
  ])("is valid although %s, which is not stored, is too long", (_, agent, data) => {
    expect(issuesOf(payload(agent, {}, data))).toEqual([]);
  });

  it("is valid although a domain that is not stored is too long", () => {
    const currentHost = { endpoint_urls: { freshdesk: "https://acme.freshdesk.com" } };

    expect(issuesOf(payload({}, { currentHost, domain: "x".repeat(257) }))).toEqual([]);
  });

  it("stores no text that is longer than its limit, whichever text of the payload is long", () => {
    const whole = {
      ...aPayload({ agent: { email: "rachel@acme.com" } }),
      currentHost: { endpoint_urls: { freshdesk: "https://acme.freshdesk.com" } },
    };
    const tooLong = "x".repeat(300);
    const variants = leavesOf(whole).flatMap((path) =>
      [
        [],
        [["data", "agent_availability", "Email"]],
        [["currentHost"]],
        [["data", "agent_availability", "status_id"]],
      ].map((removed) =>
        [...removed.map((each) => [each, undefined] as const), [path, tooLong] as const].reduce(
          (made, [at, value]) => withValue(made, at, value),
          whole as unknown,
        ),
      ),
    );

    expect(variants.length).toBeGreaterThan(50);
    for (const variant of variants) {
      const parsed = parsePayload(variant, new Date());
      const stored = parsed.ok ? JSON.stringify(parsed.change) : "";
      expect(stored).not.toContain(tooLong);
    }
  });

  it.each([
    [
      { type: "agent", id: 32, name: "Minerva" },
      { type: "agent", id: "32", name: "Minerva" },
    ],
    [{ type: "agent", id: "0" }, { type: "agent" }],
    [{ type: "system", id: null, name: null }, { type: "system" }],
    [{ type: "robot", id: 32 }, undefined],
    [{ id: 32 }, undefined],
    ["agent", undefined],
    [["agent"], undefined],
    [null, undefined],
  ])("with the actor %j has the actor %j", (actor, expected) => {
    expect(changeOf(payload({}, {}, { actor })).content.actor).toEqual(expected);
  });

  it.each([
    [232, { id: "232", name: "On break" }, { id: "232", name: "On break" }],
    [232, { name: "On break" }, { id: "232", name: "On break" }],
    [232, { id: 7, name: "Lunch" }, { id: "232" }],
    [undefined, { id: 7, name: "Lunch" }, { id: "7", name: "Lunch" }],
    [undefined, { name: "Lunch" }, undefined],
  ])(
    "with status_id %j and the associated status %j has the status %j",
    (status_id, status, expected) => {
      const { content } = changeOf(payload({ status_id }, {}, { associations: { status } }));

      expect(content.status).toEqual(expected);
    },
  );

  it("omits a channel without a name, and a channel named __proto__", () => {
    const channel_availability = [
      { available: true },
      { channel: "", available: true },
      { channel: "__proto__", available: true },
      { channel: "constructor", available: true },
    ];

    const { channels } = changeOf(payload({ channel_availability })).content;

    expect(Object.entries(channels)).toEqual([["constructor", { available: true }]]);
  });

  it.each([
    [{ status_id: [7, 8] }, { statusId: "7" }],
    [{ status_updated_at: ["2026-11-24T09:00:00Z"] }, { statusSince: "2026-11-24T09:00:00.000Z" }],
    [{ status_id: [null, 8], status_updated_at: ["x"] }, undefined],
    [{ status_id: "7", status_updated_at: {} }, undefined],
    [{ status_id: ["*", 5] }, undefined],
    [{ status_id: ["***", 5], status_updated_at: ["*", "*"] }, undefined],
    [{ status_id: ["-", 5] }, undefined],
    [{ status_id: ["[FILTERED]", 5] }, undefined],
    [{ status_id: ["", 5] }, undefined],
    [{ status_id: [{}, 5] }, undefined],
    [
      { status_id: ["*", 5], status_updated_at: ["2026-11-24T09:00:00Z"] },
      { statusSince: "2026-11-24T09:00:00.000Z" },
    ],
    [{ status_id: ["7a", 8] }, { statusId: "7a" }],
    [{ status_id: { added: [7], removed: [8], changed: [] } }, undefined],
    [{ status_id: [{ added: [7], removed: [8] }, 5] }, undefined],
    [{}, undefined],
  ])("with the changes %j reports the previous values %j", (model_changes, expected) => {
    expect(changeOf(payload({}, {}, { changes: { model_changes } })).reportedPrevious).toEqual(
      expected,
    );
  });

  it.each([
    [
      "changed to its current availability",
      [[{ channel: "a", available: false }], [{ channel: "a", available: true }]],
      ["a"],
    ],
    ["unchanged", [[{ channel: "a", available: true }], [{ channel: "a", available: true }]], []],
    ["unknown before", [[{ channel: "a" }], [{ channel: "a", available: true }]], []],
    ["absent before", [[], [{ channel: "a", available: true }]], []],
    ["unknown after", [[{ channel: "a", available: false }], [{ channel: "a" }]], []],
    [
      "changed to an availability that differs from its current one",
      [[{ channel: "a", available: true }], [{ channel: "a", available: false }]],
      [],
    ],
    [
      "absent from the agent's channels",
      [[{ channel: "b", available: false }], [{ channel: "b", available: true }]],
      [],
    ],
    ["changed to text", [[{ channel: "a", available: false }], "a"], []],
    ["undisclosed", ["*", "*"], []],
    ["undisclosed before", ["*", [{ channel: "a", available: true }]], []],
    [
      "undisclosed in part",
      [[{ channel: "a", available: "*" }], [{ channel: "a", available: true }]],
      [],
    ],
    [
      "listed as added and removed",
      { added: [{ channel: "a", available: true }], removed: [{ channel: "a", available: false }] },
      [],
    ],
    [
      "listed as added and removed in a list",
      [{ added: [{ channel: "a", available: true }] }, { changed: [{ channel: "a" }] }],
      [],
    ],
    ["reported with a long name", [[], [{ channel: "a".repeat(65), available: true }]], []],
  ])(
    "with a channel that is %s reports the expected channel changes",
    (_, channel_availability, expected) => {
      const change = changeOf(
        payload(
          { channel_availability: [{ channel: "a", available: true }, { channel: "unknown" }] },
          {},
          { changes: { model_changes: { channel_availability } } },
        ),
      );

      expect(change.reportedChannelChanges).toEqual(expected);
    },
  );

  it("reports no change of a channel whose availability is unknown", () => {
    const channel_availability = [[{ channel: "a", available: true }], [{ channel: "a" }]];
    const changes = { model_changes: { channel_availability } };

    expect(
      changeOf(payload({ channel_availability: [{ channel: "a" }] }, {}, { changes }))
        .reportedChannelChanges,
    ).toEqual([]);
  });

  it.each([
    ["https://acme.freshdesk.com", "acme.freshdesk.com"],
    ["http://acme.freshdesk.com/a/tickets", "acme.freshdesk.com"],
    ["acme.freshdesk.com/", "acme.freshdesk.com"],
    ["acme.freshdesk.com", "acme.freshdesk.com"],
    ["/", undefined],
    ["https://", undefined],
    ["", undefined],
    [7, undefined],
  ])("with the domain %j has the domain %j", (domain, expected) => {
    expect(changeOf(payload({}, { domain })).domain).toBe(expected);
  });

  it("prefers the domain of its endpoints to that of its envelope", () => {
    const currentHost = { endpoint_urls: { freshdesk: "https://acme.freshdesk.com" } };

    expect(changeOf(payload({}, { currentHost, domain: "old.freshdesk.com" })).domain).toBe(
      "acme.freshdesk.com",
    );
  });

  it.each(["9999-12-31T23:30:00-01:00", "0000-01-01T00:30:00+01:00"])(
    "has no status time if %s is not in a four-digit year",
    (status_updated_at) => {
      const { status } = changeOf(payload({ status_id: 1, status_updated_at })).content;

      expect(status).toEqual({ id: "1", name: undefined, since: undefined });
    },
  );

  it("never makes the parser throw, and is never quoted in an issue", () => {
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
