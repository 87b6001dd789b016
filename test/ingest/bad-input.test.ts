import { describe, expect, it } from "@jest/globals";

import { aDeletionPayload, anAgentPayload } from "../../tools/fakes/agent-payload.ts";
import { aSession, aTombstone, anItem, aUserItem } from "../builders/item.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { anIngest } from "../builders/an-ingest.ts";

const USER = "72025350026";
const OTHER_USER = "72025350027";
/** Seconds between the stored changes and the events, unless a test gives another time. */
const HOUR = 3600;
const stored = {
  updatedAt: { S: "2025-11-20T07:00:00.000Z" },
  eventTimestamp: { N: "1763622000000000" },
};

/** Tombstones: Rachel was removed. */
const removed = ["787096", `user:${USER}`, `session:${USER}`].map((key) =>
  Object.assign(aTombstone(key), stored),
);

/** The items of another person, whose email address some events contain. */
const theirs = { ...stored, userId: { S: OTHER_USER }, email: { S: "other@acme.com" } };
const others = [
  anItem({ ...theirs, availabilityId: { S: "787097" } }),
  aUserItem({ ...theirs, availabilityId: { S: `user:${OTHER_USER}` } }),
  aSession({ ...theirs, availabilityId: { S: `session:${OTHER_USER}` } }),
];

const accounts = [
  ["with", true],
  ["without", false],
] as const;

/** Returns an update without availability, so that only the given facts can cause a write. */
const anUpdate = (options: Parameters<typeof anAgentPayload>[0] = {}) =>
  anAgentPayload({ ...options, agent: { available: null, ...options.agent } });

describe.each(accounts)("in an account %s custom statuses", (_, hasCustomStatuses) => {
  const aHub = () => anIngest({ items: [...removed, ...others], hasCustomStatuses });

  it.each([
    ["an update without a login state", "duplicate", anUpdate()],
    ["an update with an unchanged login state", "duplicate", anUpdate({ login: [true, true] })],
    ["an update with an undisclosed login state", "duplicate", anUpdate({ login: ["*", false] })],
    [
      "an update with a login state in strings",
      "duplicate",
      anUpdate({ login: ["false", "true"] }),
    ],
    ["an update with a login state that is a bare boolean", "duplicate", anUpdate({ login: true })],
    ["an update whose availability is null", "duplicate", anUpdate({ agent: { available: null } })],
    [
      "a login without a user ID",
      "invalid",
      anUpdate({ agent: { user_id: undefined }, login: [false, true] }),
    ],
    [
      "a login with an unsafe user ID",
      "invalid",
      anUpdate({ agent: { user_id: 2 ** 53 }, login: [false, true] }),
    ],
    [
      "a login with an unreadable timestamp",
      "invalid",
      anUpdate({ timestamp: "soon", login: [false, true] }),
    ],
    [
      "an update of the module caller_agent",
      "invalid",
      anUpdate({ agent: { user_id: undefined, agent_id: 72 }, login: [false, true] }),
    ],
    ["a deletion without a user ID", "invalid", aDeletionPayload({ agent: { user_id: null } })],
    [
      "a deletion with an unsafe user ID",
      "invalid",
      aDeletionPayload({ agent: { user_id: 2 ** 53 } }),
    ],
    ["a deletion without a timestamp", "invalid", aDeletionPayload({ timestamp: null })],
    [
      "an availability event with the key of a user: item",
      "invalid",
      aPayload({ agent: { id: `user:${OTHER_USER}` } }),
    ],
    [
      "an availability event with the key of a session",
      "invalid",
      aPayload({ agent: { id: `session:${USER}` } }),
    ],
  ])("%s has the outcome %s and writes nothing", async (_title, outcome, payload) => {
    const hub = aHub();

    expect(await hub.send({ events: [payload] })).toMatchObject([{ outcome }]);
    expect(hub.images).toEqual([]);
  });

  it.each([
    ["the address of another person", "other@acme.com"],
    ["that address in another case", "OTHER@acme.com"],
    ["an empty address", ""],
  ])(
    "events with %s that were raised before the removal do not create the agent again",
    async (_title, email) => {
      const hub = aHub();
      const timestamp = anAgentPayload().timestamp - HOUR - 1;
      const login = anAgentPayload({ agent: { email }, login: [false, true], timestamp });
      const updated_at = "2025-11-20T06:59:59Z";
      const availability = aPayload({ agent: { Email: email, updated_at }, timestamp });

      const results = await hub.send({ events: [login, availability] });

      expect(results.map(({ outcome }) => outcome)).toEqual(["stale", "stale"]);
      expect(hub.images).toEqual([]);
    },
  );
});

describe("the items of another person stay as they are", () => {
  const keysWritten = ({ images }: ReturnType<typeof anIngest>) => [
    ...new Set(images.map(({ after }) => after["availabilityId"]?.S)),
  ];

  it.each([
    ["theirs", "other@acme.com"],
    ["theirs in another case", "OTHER@acme.com"],
    ["an empty one", ""],
  ])("if an agent's address changes to %s", async (_, email) => {
    const hub = anIngest({ items: others, hasCustomStatuses: false });
    const login = anAgentPayload({ login: [false, true] });
    const logout = anAgentPayload({
      agent: { email },
      login: [true, false],
      timestamp: login.timestamp + 60,
    });

    await hub.send(login);
    expect(await hub.send(logout)).toMatchObject([{ outcome: "applied", version: 2 }]);

    expect(keysWritten(hub)).toEqual([`user:${USER}`, `session:${USER}`]);
    expect(hub.stored(`session:${USER}`)?.["email"]).toEqual(
      email === "" ? undefined : { S: email.toLowerCase() },
    );
  });

  it("if two agents swap their addresses and one of them is deleted", async () => {
    const own = anItem({ ...stored, userId: { S: USER } });
    const hub = anIngest({ items: [own, ...others] });
    const anEvent = (id: number, email: string) =>
      aPayload({ agent: { id, Email: email, updated_at: "2025-11-20T07:30:00Z" } });

    await hub.send({
      events: [anEvent(787096, "other@acme.com"), anEvent(787097, "rachel@acme.com")],
    });
    const swapped = hub.stored("787097");
    await hub.send(aDeletionPayload({ agent: { email: "other@acme.com" } }));

    expect(swapped).toMatchObject({ email: { S: "rachel@acme.com" } });
    expect(hub.stored("787097")).toEqual(swapped);
    expect(hub.stored(`user:${OTHER_USER}`)).toEqual(others[1]);
    expect(hub.stored(`session:${OTHER_USER}`)).toEqual(others[2]);
    expect(hub.stored(`user:${USER}`)).toHaveProperty("removedAt");
  });

  it("if an unknown agent with their address is deleted", async () => {
    const hub = anIngest({ items: others });

    await hub.send(aDeletionPayload({ agent: { email: "other@acme.com" } }));

    expect(keysWritten(hub)).toEqual([`user:${USER}`, `session:${USER}`]);
  });

  it("if a deletion is older than the deleted agent's last change, which also stays", async () => {
    const own = [anItem({ ...stored, userId: { S: USER } }), aUserItem(stored), aSession(stored)];
    const hub = anIngest({ items: [...own, ...others] });
    const deletion = aDeletionPayload();

    const results = await hub.send({ ...deletion, timestamp: deletion.timestamp - 2 * HOUR });

    expect(results).toMatchObject([{ outcome: "stale", version: 7 }]);
    expect(hub.images).toEqual([]);
  });
});
