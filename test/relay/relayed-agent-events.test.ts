import { existsSync, readFileSync } from "node:fs";

import { beforeEach, describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import {
  ACCOUNT,
  type AgentPayload,
  anAgentPayload,
  appFolder,
  aRelay,
  MINUTE,
  labelOf,
  ok,
  type Relay,
  respondWith,
} from "./a-relay.ts";

const USER = 72025350026;
const SCHEDULE = `user-${USER}`;

let relay: Relay;

beforeEach(() => {
  relay = aRelay();
});

/** The request for the documented login event. */
const relayedLogin = {
  event: "onAgentUpdate",
  region: "EU",
  timestamp: 1795942798.120394,
  domain: "acme.freshdesk.com",
  data: {
    agent: {
      account_id: 11010177632,
      user_id: USER,
      name: "Rachel Green",
      email: "rachel@acme.example",
      available: true,
    },
    changes: { model_changes: {}, misc_changes: { logged_in: [false, true] } },
  },
};

/** An update of one user at a second; a later second is a newer event. */
const anUpdate = (second: number, changes: unknown, agent = {}) =>
  anAgentPayload({ agent, changes, timestamp: 1795942800 + second });
const aLogin = (second: number, agent = {}) =>
  anUpdate(second, { misc_changes: { logged_in: [second % 2 === 0, second % 2 === 1] } }, agent);
const aRename = (second: number, agent = {}) =>
  anUpdate(second, { model_changes: { name: ["Rachel", "Rachel Green"] } }, agent);
const aDeletion = (second: number) =>
  anAgentPayload({ event: "onAgentDelete", timestamp: 1795942800 + second });

describe("an update of an agent", () => {
  it("is sent with only the fields that the hub reads", async () => {
    await relay.raise(anAgentPayload());

    expect(relay.bodies()).toEqual([relayedLogin]);
    expect(relay.ids()).toEqual([expect.stringMatching(/^agent_[\w-]{43}$/)]);
    expect(relay.logged()).toEqual([]);
  });

  it("is sent without other personal data of the agent and the actor", async () => {
    const payload = anAgentPayload();
    const { agent, actor } = payload.data;
    await relay.raise(payload);

    const body = JSON.stringify(relay.bodies());
    for (const field of ["current_login_ip", "phone", "mobile", "second_email", "signature"]) {
      expect(typeof agent[field]).toBe("string");
      expect(body).not.toContain(agent[field]);
    }
    expect(actor["privileges"]).toEqual(expect.any(String));
    expect(body).not.toContain(actor["privileges"]);
  });

  it("is sent without earlier names and addresses", async () => {
    const changes = {
      model_changes: { available: [false, true], name: ["R. Gruen", "x"], email: ["old@x", "y"] },
      system_changes: { name: ["R. Gruen", "x"] },
      misc_changes: {},
    };

    await relay.raise(anAgentPayload({ changes }));

    expect(relay.bodies()[0]).toHaveProperty("data.changes", {
      model_changes: { available: [false, true] },
      misc_changes: {},
    });
  });

  it.each([
    ["login state", { misc_changes: { logged_in: [true, false] } }],
    ["availability", { model_changes: { available: [true, false] } }],
    ["email address", { model_changes: { email: ["a@x", "b@x"] } }],
    ["name", { model_changes: { name: "*" }, misc_changes: {} }],
    ["name, as a system change", { system_changes: { name: ["a", "b"] } }],
  ])("is sent if it changes the %s", async (_, changes) => {
    await relay.raise(anAgentPayload({ changes }));

    expect(relay.platform.requests).toHaveLength(1);
  });

  it.each([
    { model_changes: { signature_html: ["a", "b"] }, system_changes: {}, misc_changes: {} },
    { model_changes: { role_ids: { added: [1], removed: [] } } },
    { model_changes: {}, system_changes: {}, misc_changes: {} },
    { model_changes: "*", misc_changes: null },
    {},
    "*",
    null,
    undefined,
  ])("is dropped without a request and without a log line if it changes %j", async (changes) => {
    await relay.raise(anAgentPayload({ changes }));

    expect(relay.platform.requests).toEqual([]);
    expect(relay.platform.schedules.size).toBe(0);
    expect(relay.logged()).toEqual([]);
  });

  it("has an ID that depends on exactly the fields that the hub reads", async () => {
    await relay.raise(aLogin(1));
    await relay.raise({ ...aLogin(1), unread: 1 });
    await relay.raise(aLogin(2));

    const [first, same, other] = relay.ids();
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe("a deletion of an agent", () => {
  it("is sent with only the fields that the hub reads", async () => {
    await relay.raise(anAgentPayload({ event: "onAgentDelete" }));

    expect(relay.bodies()).toEqual([
      {
        ...relayedLogin,
        event: "onAgentDelete",
        timestamp: 1795968000.482113,
        data: {
          agent: { ...relayedLogin.data.agent, available: false },
          changes: { model_changes: {}, misc_changes: {} },
        },
      },
    ]);
  });
});

describe("an agent event that the hub rejects", () => {
  const events: readonly [string, AgentPayload][] = [
    ["logins", anAgentPayload()],
    ["deletions", anAgentPayload({ event: "onAgentDelete" })],
  ];

  it.each(events)("is dropped and logged if the hub does not support %s", async (_, payload) => {
    relay.network = () => respondWith(400);

    await relay.raise(payload);

    expect(relay.platform.schedules.size).toBe(0);
    expect(relay.logged()).toEqual([
      `Dropped ${labelOf(relay.ids()[0])}: the hub returned status 400.`,
    ]);
  });

  it("is dropped and logged, and not parked again, if it is in a batch", async () => {
    relay.network = () => respondWith(503);
    await relay.raise(aLogin(1));
    await relay.raise(aLogin(2));
    const ids = [...new Set(relay.ids())];
    relay.network = () =>
      respondWith(200, { results: ids.map((_, index) => ({ index, outcome: "invalid" })) });

    await relay.platform.fireSchedules({ ahead: true });

    expect(relay.platform.schedules.size).toBe(0);
    expect(relay.logged().slice(-2)).toEqual(
      ids.map((id) => `Dropped ${labelOf(id)}: the hub rejected it as invalid.`),
    );
  });

  it("is logged with both account IDs if it belongs to another account", async () => {
    relay = aRelay({ settings: { hub_path: "/v1/accounts/42/availability-events" } });
    relay.network = () => respondWith(403);

    await relay.raise(anAgentPayload({ account_id: undefined }));

    expect(relay.logged()[0]).toContain(`from Freshdesk account ${ACCOUNT}, but`);
  });
});

describe("parked agent events", () => {
  beforeEach(() => {
    relay.network = () => respondWith(503);
  });

  it("are in a schedule of the user, as they were sent", async () => {
    await relay.raise(anAgentPayload());

    expect([...relay.platform.schedules.keys()]).toEqual([SCHEDULE]);
    expect(relay.parked()[0]).toEqual([
      { id: relay.ids()[0], at: relay.clock, event: relayedLogin },
    ]);
  });

  it("are in a schedule with a safe name if the user ID is not a number", async () => {
    await relay.raise(aLogin(1, { user_id: "a/b" }));
    await relay.raise(aLogin(1, { user_id: undefined }));

    const names = [...relay.platform.schedules.keys()];
    expect(names).toHaveLength(2);
    for (const name of names) {
      expect(name).toMatch(/^user-[A-Za-z0-9]{20}$/);
    }
  });

  it("are sent as one batch, oldest first", async () => {
    await relay.raise(aLogin(3));
    await relay.raise(aDeletion(4));
    await relay.raise({ ...aLogin(2), timestamp: `${(1795942800 + 2) * 1000}` });
    relay.network = () => ok;
    relay.clock += 40 * MINUTE;

    expect(await relay.platform.fireSchedules()).toBe(1);

    const { events } = relay.bodies().at(-1) as { events: AgentPayload[] };
    expect(events.map(({ timestamp }) => timestamp)).toEqual([
      "1795942802000",
      1795942803,
      1795942804,
    ]);
    expect(relay.ids().at(-1)).toMatch(/^agent_batch_[\w-]{43}$/);
    expect(relay.platform.schedules.size).toBe(0);
  });

  it("use the user's second schedule while the first is about to fire", async () => {
    await relay.raise(aLogin(1));
    relay.clock = Date.parse(relay.platform.schedules.get(SCHEDULE)?.scheduleAt ?? "") - MINUTE;
    await relay.raise(aLogin(2));

    expect([...relay.platform.schedules.keys()]).toEqual([SCHEDULE, `${SCHEDULE}-2`]);
  });

  it("of more than 4 KB lose the oldest event that a later one replaces, and the log names it", async () => {
    const ids: (string | undefined)[] = [];
    for (let second = 1; second <= 15; second += 1) {
      await relay.raise(second === 1 ? aDeletion(1) : second === 2 ? aLogin(2) : aRename(second));
      ids.push(relay.ids().at(-1));
    }

    const kept = relay.parked()[0]?.map(({ id }) => id) ?? [];
    expect(kept).toEqual(expect.arrayContaining([ids[0], ids[1], ids[14]]));
    expect(kept).not.toContain(ids[2]);
    expect(relay.logged()).toContain(
      `Dropped ${labelOf(ids[2])}: the agent has more parked events than can be stored.`,
    );
  });

  it("of more than 4 KB lose a login before a deletion, which ends the session too", async () => {
    const ids: (string | undefined)[] = [];
    for (let second = 1; second <= 15; second += 1) {
      await relay.raise(second === 1 ? aLogin(1) : second === 2 ? aDeletion(2) : aRename(second));
      ids.push(relay.ids().at(-1));
    }

    const kept = relay.parked()[0]?.map(({ id }) => id) ?? [];
    expect(kept).toContain(ids[1]);
    expect(kept).not.toContain(ids[0]);
  });

  it("of more than 4 KB keep the newest event with each fact, in any order of arrival", async () => {
    const makers = { aLogin, aRename, aDeletion };
    const facts = {
      profile: ["aLogin", "aRename", "aDeletion"],
      login: ["aLogin", "aDeletion"],
      deletion: ["aDeletion"],
    };
    const kinds = fc.constantFrom("aLogin", "aRename", "aRename", "aDeletion");
    const raisedEvents = fc
      .array(kinds, { minLength: 12, maxLength: 24 })
      .map((names) => names.map((name, second) => ({ name, second })))
      .chain((events) => fc.shuffledSubarray(events, { minLength: events.length }));

    await fc.assert(
      fc.asyncProperty(raisedEvents, async (events) => {
        const relayInOutage = aRelay();
        relayInOutage.network = () => respondWith(503);
        const secondById = new Map<string | undefined, number>();
        for (const { name, second } of events) {
          await relayInOutage.raise(makers[name](second));
          secondById.set(relayInOutage.ids().at(-1), second);
        }

        const parked = [...relayInOutage.platform.schedules.values()];
        const kept = relayInOutage
          .parked()
          .flatMap((each) => each.map(({ id }) => secondById.get(id)));
        for (const { data } of parked) {
          expect(JSON.stringify(data).length).toBeLessThanOrEqual(4096);
        }
        for (const names of Object.values(facts)) {
          const containing = events.filter(({ name }) => names.includes(name));
          const newest = Math.max(...containing.map(({ second }) => second));
          expect(containing.length === 0 || kept.includes(newest)).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("of more than 4 KB each lose domain and region first, which does not make them incomplete", async () => {
    await relay.raise({ ...anAgentPayload(), domain: "x".repeat(3900) });

    const [[parked] = []] = relay.parked();
    const { domain: _domain, region: _region, ...reduced } = relayedLogin;
    expect(parked?.event).toEqual(reduced);
  });

  it("with the longest texts that the hub accepts lose nothing else", async () => {
    const agent = { name: "李".repeat(256), email: `${"é".repeat(244)}@acme.example` };

    await relay.raise({ ...anAgentPayload({ agent }), domain: "x".repeat(256) });

    const [[parked] = []] = relay.parked();
    expect(parked?.event).toMatchObject({ data: { agent } });
    expect(parked?.event).not.toHaveProperty("incomplete");
  });
});

describe.each(["onAgentUpdate", "onAgentDelete"])("a handler of %s", (event) => {
  it.each([{ data: 0 }, { data: { agent: "x" } }, { data: { changes: 1 } }, {}])(
    "that receives %j ends with renderData and without an unhandled error",
    async (payload) => {
      relay.network = () => respondWith(503);

      await relay.raise({ event, ...payload });

      expect(relay.logged().filter((text) => /^(?:unhandled|Lost)/.test(text))).toEqual([]);
    },
  );
});

describe("the manifest", () => {
  const manifest = JSON.parse(readFileSync(`${appFolder}/manifest.json`, "utf8")) as {
    modules: Record<string, { events: Record<string, unknown> }>;
  };

  it("subscribes to the events of support agents, not to those of phone agents", () => {
    expect(Object.keys(manifest.modules)).toEqual(["common", "support_agent"]);
    expect(Object.keys(manifest.modules["support_agent"]?.events ?? {})).toEqual([
      "onAgentAvailabilityUpdate",
      "onAgentUpdate",
      "onAgentDelete",
    ]);
  });

  it.each(Object.keys(manifest.modules["support_agent"]?.events ?? {}))(
    "has test data for %s",
    (event) => {
      const file = `${appFolder}/server/test_data/support_agent/${event}.json`;

      expect(existsSync(file)).toBe(true);
      expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ event });
    },
  );
});
