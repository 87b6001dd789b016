import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { beforeEach, describe, expect, it } from "@jest/globals";
import { Webhook } from "standardwebhooks";

import { relayParameters } from "../../local/freshworks-platform/iparams.ts";
import {
  createFreshworksPlatform,
  type FreshworksPlatform,
  type PlatformOptions,
  type PlatformRequest,
  type PlatformResponse,
} from "../../local/freshworks-platform/platform.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { KEY } from "../../tools/fakes/request.ts";

const appFolder = fileURLToPath(new URL("../../relay", import.meta.url));
const MINUTE = 60_000;
const EVENT = "onAgentAvailabilityUpdate";

const json = { "content-type": "application/json; charset=utf-8" };
const ok: PlatformResponse = { status: 200, headers: json, body: '{"results":[]}' };
const answer = (status: number, body: unknown = { status, requestId: "r" }): PlatformResponse => ({
  status,
  headers: json,
  body: JSON.stringify(body),
});

let clock: number;
let network: (request: PlatformRequest) => Promise<PlatformResponse> | PlatformResponse;
let scheduleFailure: NonNullable<PlatformOptions["scheduleFailure"]>;
let platform: FreshworksPlatform;

const anInstallation = (but: Readonly<Record<string, string>> = {}) => ({
  ...relayParameters({
    ingestUrl: "https://abc.execute-api.eu-central-1.amazonaws.com",
    accountId: "11010177632",
    signingKey: KEY,
  }),
  ...but,
});

function aPlatform(but: Readonly<Record<string, string>> = {}): FreshworksPlatform {
  return createFreshworksPlatform({
    appFolder,
    iparams: anInstallation(but),
    send: async (request) => await network(request),
    now: () => clock,
    scheduleFailure: (operation) => scheduleFailure(operation),
  });
}

const bodies = () =>
  platform.requests.map(({ request }) => JSON.parse(request.body) as Record<string, unknown>);
const parked = () =>
  [...platform.schedules.values()].map(
    ({ data }) => (data as { events: { id: string; event: Record<string, unknown> }[] }).events,
  );
const logged = () => platform.log.map(({ text }) => text);
/** What `fdk run` raises: the payload of the event's page, with three channels. */
const documented = () =>
  JSON.parse(
    readFileSync(
      `${appFolder}/server/test_data/support_agent/onAgentAvailabilityUpdate.json`,
      "utf8",
    ),
  ) as ReturnType<typeof aPayload>;
const ids = () => platform.requests.map(({ request }) => request.headers["webhook-id"]);

/** A payload of one agent; a later minute is a newer event. */
function payloadOf(agent: number, minute: number, more: Readonly<Record<string, unknown>> = {}) {
  const updated_at = new Date(Date.parse("2026-11-24T08:00:00Z") + minute * MINUTE).toISOString();
  return aPayload({ agent: { id: agent, updated_at, ...more } });
}

beforeEach(() => {
  clock = Date.now();
  network = () => ok;
  scheduleFailure = () => undefined;
  platform = aPlatform();
});

describe("an event", () => {
  it("goes to the hub as the platform hands it over, but for what may hold secrets", async () => {
    const payload = { ...aPayload(), app_settings: { secret: "s" } };

    await platform.raise(EVENT, payload);

    const { app_settings: _settings, ...expected } = payload;
    expect(platform.requests).toHaveLength(1);
    expect(bodies()[0]).toEqual(expected);
    expect(platform.requests[0]?.request).toMatchObject({
      method: "POST",
      url: "https://abc.execute-api.eu-central-1.amazonaws.com/v1/accounts/11010177632/availability-events",
    });
    expect(platform.requests[0]?.request.headers).toMatchObject({
      "content-type": "application/json",
      "x-relay-version": "1.0.0",
    });
    expect(platform.requests[0]?.request.headers["webhook-timestamp"]).toBe(
      String(Math.floor(clock / 1000)),
    );
  });

  it("is signed so that the Standard Webhooks library accepts it, byte for byte, in ASCII", async () => {
    await platform.raise(EVENT, aPayload({ agent: { name: "Zoë 🦉 \u2028" } }));

    const [{ request } = { request: undefined }] = platform.requests;
    expect(request?.body).toMatch(/^[ -~]*$/);
    expect(request?.body).toContain('"Zo\\u00eb \\ud83e\\udd89 \\u2028"');
    expect(() =>
      new Webhook(KEY).verify(request?.body ?? "", { ...request?.headers }),
    ).not.toThrow();
    expect(
      (bodies()[0]?.["data"] as { agent_availability: { name: string } }).agent_availability.name,
    ).toBe("Zoë 🦉 \u2028");
  });

  it("of just 96 KB goes as it is, of one byte more trimmed", async () => {
    const bare = JSON.stringify({ ...aPayload(), extra: "" }).length;
    for (const size of [98_304, 98_305]) {
      await platform.raise(EVENT, { ...aPayload(), extra: "x".repeat(size - bare) });
    }

    expect(platform.requests.map(({ request }) => request.body.length)[0]).toBe(98_304);
    expect(bodies().map((body) => "extra" in body)).toEqual([true, false]);
  });

  it("of over 96 KB goes trimmed to what the hub reads", async () => {
    const payload = { ...aPayload(), extra: "x".repeat(100_000) };

    await platform.raise(EVENT, payload);

    expect(bodies()[0]).not.toHaveProperty("extra");
    expect(bodies()[0]).toHaveProperty("data.agent_availability.id", 787096);
  });

  it("has the same id whenever it is the same event, and another when it is another", async () => {
    const payload = payloadOf(1, 1);
    await platform.raise(EVENT, payload);
    await platform.raise(EVENT, { ...payload, unread: 1 });
    await platform.raise(EVENT, payloadOf(1, 2));

    const [first, same, other] = ids();
    expect(first).toMatch(/^availability_[\w-]{43}$/);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });

  it.each([
    ["https://abc.example.com/", "/v1/accounts/1/availability-events"],
    [" abc.example.com", "v1/accounts/1/availability-events "],
    ["http://abc.example.com", "//v1/accounts/1/availability-events"],
  ])("finds the hub also when %j and %j were pasted", async (hub_host, hub_path) => {
    platform = aPlatform({ hub_host, hub_path });

    await platform.raise(EVENT, aPayload());

    expect(platform.requests[0]?.request.url).toBe(
      "https://abc.example.com/v1/accounts/1/availability-events",
    );
  });
});

describe("an answer", () => {
  it.each([400, 413])("of %d drops the event, with a line that names it", async (status) => {
    network = () => answer(status);

    await platform.raise(EVENT, aPayload());

    expect(platform.requests).toHaveLength(1);
    expect(platform.schedules.size).toBe(0);
    expect(logged()).toEqual([`dropped ${ids()[0]}: the hub refused it with status ${status}`]);
  });

  it("of 404, which is the gateway's, drops the event as well", async () => {
    network = () => answer(404, { message: "Not Found" });

    await platform.raise(EVENT, aPayload());

    expect(platform.schedules.size).toBe(0);
  });

  it.each([401, 403])(
    "of %d parks the event at once: a wrong key must not cost events",
    async (status) => {
      network = () => answer(status);

      await platform.raise(EVENT, aPayload());

      expect(platform.requests).toHaveLength(1);
      expect(parked()).toHaveLength(1);
      expect(logged()).toEqual([`parking ${ids()[0]}: status ${status}`]);
    },
  );

  it.each([429, 500, 502, 503])("of %d is tried once more at once, then parked", async (status) => {
    network = () => answer(status);

    await platform.raise(EVENT, aPayload());

    expect(platform.requests.map((each) => each.status)).toEqual([status, status]);
    expect(new Set(ids()).size).toBe(1);
    expect(parked()).toHaveLength(1);
  });

  it("that comes well at the second try is the end of it", async () => {
    let tries = 0;
    network = () => ((tries += 1) === 1 ? answer(503) : ok);

    await platform.raise(EVENT, aPayload());

    expect(platform.requests).toHaveLength(2);
    expect(platform.schedules.size).toBe(0);
  });

  it("that took 4 seconds leaves no time for a second try", async () => {
    network = () => {
      clock += 4000;
      return answer(503);
    };

    await platform.raise(EVENT, aPayload());

    expect(platform.requests).toHaveLength(1);
    expect(parked()).toHaveLength(1);
  });

  it("that took just less leaves time, and the handler stays within its 20 seconds", async () => {
    let tries = 0;
    network = () => {
      clock += (tries += 1) === 1 ? 3999 : 15_000;
      return answer(503);
    };

    await platform.raise(EVENT, aPayload());

    expect(platform.requests).toHaveLength(2);
    expect(parked()).toHaveLength(1);
    expect(logged().join()).not.toContain("20 seconds");
  });

  it.each([
    [
      "a connection that fails",
      () => {
        throw new Error("ECONNREFUSED");
      },
    ],
    [
      "an answer of a type that the platform turns into 415",
      () => ({ status: 200, headers: {}, body: "" }),
    ],
    ["a 400 that is no JSON", () => ({ status: 400, headers: json, body: "<html></html>" })],
    ["a refusal whose body speaks of another", () => answer(409, { status: 400 })],
    ["a 400 that is not the hub's", () => answer(400, { message: "circuit breaker" })],
    ["a redirection", () => ({ status: 302, headers: json, body: "" })],
  ])("that is %s parks the event", async (_, respond) => {
    network = respond;

    await platform.raise(EVENT, aPayload());

    expect(parked()).toHaveLength(1);
    expect(logged().filter((text) => text.startsWith("unhandled"))).toEqual([]);
  });

  it("of the platform, that 50 requests a minute are enough, parks without another try", async () => {
    for (let agent = 1; agent <= 51; agent += 1) {
      await platform.raise(EVENT, payloadOf(agent, 1));
    }

    expect(platform.requests).toHaveLength(50);
    expect([...platform.schedules.keys()]).toEqual(["agent-51"]);
  });

  it("of the platform that 50 are enough is not asked for twice", async () => {
    let limits = 0;
    let step = 0;
    platform = createFreshworksPlatform({
      appFolder,
      iparams: anInstallation(),
      send: async () => await Promise.resolve(ok),
      limitsNow: () => (limits += step),
    });
    for (let agent = 1; agent <= 50; agent += 1) {
      await platform.raise(EVENT, payloadOf(agent, 1));
    }
    step = 30_000;

    await platform.raise(EVENT, payloadOf(51, 1));

    expect(platform.requests).toHaveLength(50);
    expect([...platform.schedules.keys()]).toEqual(["agent-51"]);
  });

  it.each(["whsec_%%%", "whsec_"])(
    "cannot be had for %j, which is no key: the event is parked at once, and the log says why",
    async (signing_key) => {
      platform = aPlatform({ signing_key });

      await platform.raise(EVENT, aPayload());

      expect(platform.requests).toHaveLength(0);
      expect(parked()).toHaveLength(1);
      expect(logged()).toEqual([`parking ${parked()[0]?.[0]?.id}: the signing key cannot be read`]);
    },
  );

  it("cannot come for a host that is none, and the event is parked", async () => {
    platform = aPlatform({ hub_host: "127.0.0.1" });

    await platform.raise(EVENT, aPayload());

    expect(parked()).toHaveLength(1);
  });
});

describe("parking", () => {
  beforeEach(() => {
    network = () => answer(503);
  });

  it("keeps one schedule an agent, named by it, at least 5 minutes ahead, spread over half an hour", async () => {
    const delays: number[] = [];
    for (let agent = 1; agent <= 300; agent += 1) {
      await platform.raise(EVENT, payloadOf(agent, 1));
      const { scheduleAt = "" } = platform.schedules.get(`agent-${agent}`) ?? {};
      delays.push(Date.parse(scheduleAt) - clock);
      clock += 3 * MINUTE;
    }

    expect(Math.min(...delays)).toBeGreaterThanOrEqual(5 * MINUTE + 15_000);
    expect(Math.min(...delays)).toBeLessThan(6 * MINUTE);
    expect(Math.max(...delays)).toBeGreaterThan(34 * MINUTE);
    expect(Math.max(...delays)).toBeLessThanOrEqual(35 * MINUTE + 15_000);
    const halves = delays.filter((delay) => delay < 20 * MINUTE);
    expect(halves.length).toBeGreaterThan(110);
    expect(halves.length).toBeLessThan(190);
  });

  it("adds to what the agent has parked, without putting it off", async () => {
    await platform.raise(EVENT, payloadOf(7, 1));
    const planned = platform.schedules.get("agent-7")?.scheduleAt;
    clock += 2000;
    await platform.raise(EVENT, payloadOf(7, 2));

    expect(platform.schedules.size).toBe(1);
    expect(parked()[0]).toHaveLength(2);
    expect(platform.schedules.get("agent-7")?.scheduleAt).toBe(planned);
  });

  it("never puts off what is about to fire: a second schedule takes what comes meanwhile", async () => {
    await platform.raise(EVENT, payloadOf(7, 1));
    const planned = Date.parse(platform.schedules.get("agent-7")?.scheduleAt ?? "");
    for (const [minute, before] of [4, 3, 2, 1].entries()) {
      clock = planned - before * MINUTE;
      await platform.raise(EVENT, payloadOf(7, minute + 2));
    }

    expect([...platform.schedules.keys()]).toEqual(["agent-7", "agent-7-2"]);
    expect(platform.schedules.get("agent-7")?.scheduleAt).toBe(new Date(planned).toISOString());
    expect(parked().map((events) => events.length)).toEqual([1, 4]);

    network = () => ok;
    clock = planned;
    expect(await platform.fireSchedules()).toBe(1);
    clock += 40 * MINUTE;
    expect(await platform.fireSchedules()).toBe(1);
    expect(bodies().at(-1)).toMatchObject({ events: { length: 4 } });
  });

  it("adds to what fires in 5 minutes and 15 seconds, but not to what fires sooner", async () => {
    await platform.raise(EVENT, payloadOf(7, 1));
    const planned = platform.schedules.get("agent-7")?.scheduleAt ?? "";

    clock = Date.parse(planned) - 5 * MINUTE - 15_000;
    await platform.raise(EVENT, payloadOf(7, 2));
    expect(parked().map((events) => events.length)).toEqual([2]);
    clock += 1;
    await platform.raise(EVENT, payloadOf(7, 3));

    expect(parked().map((events) => events.length)).toEqual([2, 1]);
    expect(platform.schedules.get("agent-7")?.scheduleAt).toBe(planned);
  });

  it("plans anew what has not fired in time", async () => {
    await platform.raise(EVENT, payloadOf(7, 1));
    clock = Date.parse(platform.schedules.get("agent-7")?.scheduleAt ?? "");

    await platform.raise(EVENT, payloadOf(7, 2));

    expect(parked().map((events) => events.length)).toEqual([2]);
    expect(
      Date.parse(platform.schedules.get("agent-7")?.scheduleAt ?? "") - clock,
    ).toBeGreaterThanOrEqual(5 * MINUTE);
  });

  it("names an agent whose id is no number by letters and digits, each by its own", async () => {
    const agents = ["1x", "x1", "a/b", "a-b", "1".repeat(21)];
    for (const id of agents) {
      await platform.raise(EVENT, aPayload({ agent: { id } }));
    }

    const names = [...platform.schedules.keys()];
    expect(names).toHaveLength(5);
    for (const name of names) {
      expect(name).toMatch(/^agent-[A-Za-z0-9]{20}$/);
    }
    expect(names).not.toContain(`agent-${"1".repeat(20)}`);
  });

  it("leaves out what is empty, and takes what is no list for an empty one", async () => {
    await platform.raise(
      EVENT,
      aPayload({
        agent: {
          id: 7,
          updated_at: "2026-11-24T08:01:00Z",
          name: "",
          Email: null,
          email: "rachel@acme.com",
          created_at: undefined,
          channel_availability: [null, { channel: "freshchat", available: false, agent_id: "" }],
        },
        changes: { model_changes: { status_id: null, channel_availability: ["x", null] } },
        region: "",
      }),
    );

    const [[event] = []] = parked();
    expect(JSON.parse(JSON.stringify(event?.event))).toEqual({
      event: EVENT,
      timestamp: 1654748321.306384,
      domain: "acme.freshdesk.com",
      data: {
        actor: { id: "11032938000", name: "Minerva", type: "agent" },
        agent_availability: {
          account_id: "11010177632",
          id: 7,
          email: "rachel@acme.com",
          logged_in: true,
          status_id: 232,
          status_updated_at: expect.any(String),
          updated_at: "2026-11-24T08:01:00Z",
          channel_availability: [{}, { channel: "freshchat", available: false }],
        },
        associations: { status: { id: "232", name: "On break" } },
        changes: { model_changes: { channel_availability: [[], []] } },
      },
    });
  });

  it("keeps an event of which nearly nothing is known", async () => {
    await platform.raise(EVENT, {
      data: {
        agent_availability: { id: 7, account_id: "1", updated_at: "2026-11-24T08:01:00Z" },
        actor: null,
        changes: null,
      },
      timestamp: null,
    });

    expect(parked()[0]?.[0]?.event).toEqual({
      data: {
        actor: {},
        agent_availability: { id: 7, account_id: "1", updated_at: "2026-11-24T08:01:00Z" },
        associations: { status: {} },
        changes: { model_changes: {} },
      },
    });
  });

  it("loses none of several that one agent parks at the same time", async () => {
    await Promise.all(
      [1, 2].map(async (minute) => await platform.raise(EVENT, payloadOf(7, minute))),
    );
    await Promise.all(
      [3, 4].map(async (minute) => await platform.raise(EVENT, payloadOf(7, minute))),
    );

    const kept = parked().flatMap((events) => events.map(({ id }) => id));
    expect(kept.toSorted()).toEqual([...new Set(ids())].toSorted());
    expect(logged().filter((text) => text.startsWith("lost"))).toEqual([]);
  });

  it("keeps what the hub would refuse as it is: a missing list of channels is not an empty one", async () => {
    await platform.raise(EVENT, payloadOf(7, 1, { channel_availability: null }));

    expect(parked()[0]?.[0]?.event).not.toHaveProperty(
      "data.agent_availability.channel_availability",
    );
  });

  it("keeps all that the hub reads of the documented payload, and nothing else", async () => {
    await platform.raise(EVENT, {
      ...documented(),
      currentHost: { endpoint_urls: { freshdesk: "https://acme.freshdesk.com" } },
    });

    const channel = (name: string, available: boolean) => ({ channel: name, available });
    expect(parked()[0]?.[0]?.event).toEqual({
      event: EVENT,
      region: "US",
      timestamp: 1654748321.306384,
      domain: "https://acme.freshdesk.com",
      data: {
        actor: { id: "11032938000", name: "Minerva", type: "agent" },
        agent_availability: documented().data.agent_availability,
        associations: { status: { id: "232", name: "On break" } },
        changes: {
          model_changes: {
            status_id: [123, 232],
            status_updated_at: ["2022-06-09T02:18:41Z", "2022-06-09T04:18:41Z"],
            channel_availability: [
              [
                channel("freshdesk", true),
                channel("freshchat", true),
                channel("freshcaller", true),
              ],
              [
                channel("freshdesk", true),
                channel("freshchat", false),
                channel("freshcaller", false),
              ],
            ],
          },
        },
      },
    });
  });

  it("holds three events of the documented size", async () => {
    for (const minute of [1, 2, 3]) {
      const payload = documented();
      payload.data.agent_availability.updated_at = `2022-06-09T04:1${minute}:41Z`;
      await platform.raise(EVENT, payload);
    }

    expect(parked()[0]).toHaveLength(3);
  });

  it("takes the later of two events of one second for the newer, however its timestamp is written", async () => {
    const long = { name: "é".repeat(250) };
    await platform.raise(EVENT, { ...payloadOf(7, 1, long), timestamp: 1654748321.9 });
    const [newest] = ids();
    for (const part of [1, 2, 3]) {
      await platform.raise(EVENT, {
        ...payloadOf(7, 1, long),
        timestamp: `${1654748321000 + part}`,
      });
    }

    expect(parked()[0]?.map(({ id }) => id)).toContain(newest);
    expect(logged().filter((text) => text.startsWith("dropped")).length).toBeGreaterThan(0);
    expect(logged().join()).not.toContain(`dropped ${newest}`);
  });

  it("keeps an event once, however often it is delivered", async () => {
    await platform.raise(EVENT, payloadOf(7, 1));
    await platform.raise(EVENT, payloadOf(7, 1));

    expect(parked()[0]).toHaveLength(1);
  });

  it("drops the oldest when they do not fit into 4 KB, and never the newest, with a line that names it", async () => {
    const names: (string | undefined)[] = [];
    for (const minute of [9, 1, 2, 3, 4, 5, 6]) {
      await platform.raise(EVENT, payloadOf(7, minute));
      names.push(ids().at(-1));
    }

    const kept = parked()[0]?.map(({ id }) => id) ?? [];
    expect(JSON.stringify(platform.schedules.get("agent-7")?.data).length).toBeLessThanOrEqual(
      4096,
    );
    expect(kept).toContain(names[0]);
    expect(kept).not.toContain(names[1]);
    expect(logged()).toContain(`dropped ${names[1]}: the agent has more parked events than fit`);
  });

  it("slims a single event that does not fit, rather than lose it", async () => {
    const channels = Array.from({ length: 20 }, (_, index) => ({
      channel: `channel-${index}`,
      available: true,
      channel_account_id: "x".repeat(100),
      agent_id: `${index}`,
    }));
    await platform.raise(
      EVENT,
      payloadOf(7, 1, { channel_availability: channels, name: "ü".repeat(250) }),
    );

    const [[event] = []] = parked();
    expect(event?.event).toMatchObject({ data: { agent_availability: { id: 7 } } });
    expect(JSON.stringify(event)).toContain('"channel":"channel-19","available":true');
  });

  describe("an event that is too large alone", () => {
    const channelsOf = (but: object) =>
      Array.from({ length: 20 }, (_, index) => ({ channel: `c${index}`, available: true, ...but }));
    const slimOf = async (payload: object) => {
      await platform.raise(EVENT, payload);
      expect(logged().filter((text) => !text.startsWith("parking"))).toEqual([]);
      return JSON.stringify(parked()[0]?.[0]?.event);
    };
    const small = () => payloadOf(7, 1, { channel_availability: channelsOf({ agent_id: "3" }) });

    it("does without what it says of before first", async () => {
      const status_id = ["x".repeat(3500), "y"];

      const slim = await slimOf({
        ...small(),
        data: { ...small().data, changes: { model_changes: { status_id } } },
      });

      expect(slim).not.toContain("model_changes");
      expect(slim).toContain('"agent_id":"3"');
      expect(slim).toContain("Minerva");
    });

    it("does without the channels' accounts next", async () => {
      const channels = channelsOf({ agent_id: "3", channel_account_id: "x".repeat(150) });

      const slim = await slimOf(payloadOf(7, 1, { channel_availability: channels }));

      expect(slim).not.toContain("channel_account_id");
      expect(slim).toContain('"agent_id":"3"');
      expect(slim).toContain("Minerva");
      expect(slim).toContain("created_at");
      expect(slim).toContain("acme.freshdesk.com");
    });

    it("does without who did it and where it was then", async () => {
      const slim = await slimOf({ ...small(), domain: "x".repeat(3500) });

      expect(slim).not.toContain("domain");
      expect(slim).not.toContain("created_at");
      expect(slim).not.toContain("Minerva");
      expect(slim).toContain('"actor":{"id":"11032938000","type":"agent"}');
      expect(slim).toContain("Rachel");
      expect(slim).toContain("On break");
    });

    it("does without the names of agent and status then", async () => {
      const channel_availability = channelsOf({ agent_id: "3" });

      const slim = await slimOf(payloadOf(7, 1, { channel_availability, name: "x".repeat(3500) }));

      expect(slim).not.toContain("xxx");
      expect(slim).not.toContain("On break");
      expect(slim).toContain('"status":{"id":"232"}');
      expect(slim).toContain('"agent_id":"3"');
    });

    it("does without the agent's ids last, and never without what it is available for", async () => {
      const channel_availability = channelsOf({ agent_id: "x".repeat(150) });

      const slim = await slimOf(payloadOf(7, 1, { channel_availability }));

      expect(slim).not.toContain("agent_id");
      expect(slim.match(/"available":true/g)).toHaveLength(20);
    });
  });

  it("drops at once, and once, what is older than all that fills the schedule", async () => {
    for (const minute of [11, 12, 13, 14, 15, 16, 17]) {
      await platform.raise(EVENT, payloadOf(7, minute));
    }
    const full = parked()[0];
    const before = logged().length;

    await platform.raise(EVENT, payloadOf(7, 1));

    expect(parked()).toEqual([full]);
    expect(logged().slice(before)).toEqual([
      `parking ${ids().at(-1)}: status 503`,
      `dropped ${ids().at(-1)}: the agent has more parked events than fit`,
    ]);
  });

  it("takes what came first for the older of two that nothing else tells apart", async () => {
    for (const name of ["a", "b", "c"]) {
      await platform.raise(EVENT, payloadOf(7, 1, { name }));
      clock += 1000;
    }

    expect(JSON.stringify(parked()).match(/"name":"[abc]"/g)).toEqual([
      '"name":"a"',
      '"name":"b"',
      '"name":"c"',
    ]);
  });

  describe("where the platform does not answer for the schedules", () => {
    const unavailable = { status: 503, message: "unavailable" };

    /** Fails the first calls of an operation, and no more. @returns how many were failed. */
    function failFirst(operation: string, most: number) {
      let failed = 0;
      scheduleFailure = (asked) =>
        asked === operation && failed < most ? ((failed += 1), unavailable) : undefined;
      return () => failed;
    }

    beforeEach(async () => {
      await platform.raise(EVENT, payloadOf(7, 1));
    });

    it("takes no silence for an empty schedule: it asks again, and adds to what is there", async () => {
      const failed = failFirst("fetch", 1);

      await platform.raise(EVENT, payloadOf(7, 2));

      expect(failed()).toBe(1);
      expect([...platform.schedules.keys()]).toEqual(["agent-7"]);
      expect(parked()[0]?.map(({ id }) => id)).toEqual([...new Set(ids())]);
    });

    it.each(["fetch", "update"])(
      "uses the agent's second schedule after two calls of %s in vain",
      async (operation) => {
        const [first] = parked();
        const failed = failFirst(operation, 2);

        await platform.raise(EVENT, payloadOf(7, 2));

        expect(failed()).toBe(2);
        expect([...platform.schedules.keys()]).toEqual(["agent-7", "agent-7-2"]);
        expect(parked()).toEqual([first, [expect.objectContaining({ id: ids().at(-1) })]]);
      },
    );

    it("says which event is lost after four calls in vain, and leaves what is parked", async () => {
      const before = parked();
      const failed = failFirst("fetch", Number.POSITIVE_INFINITY);

      await platform.raise(EVENT, payloadOf(7, 2));

      expect(failed()).toBe(4);
      expect(parked()).toEqual(before);
      expect(logged().at(-1)).toBe(`lost ${ids().at(-1)}: it could not be parked, status 503`);
    });
  });

  it("says which event is lost when the platform takes no more schedules", async () => {
    for (let agent = 1; agent <= 1001; agent += 1) {
      clock += 3 * MINUTE;
      await platform.raise(EVENT, payloadOf(agent, 1));
    }

    expect(platform.schedules.size).toBe(1000);
    expect(logged().filter((text) => text.startsWith("lost "))).toEqual([
      `lost ${ids().at(-1)}: it could not be parked, status 429`,
    ]);
  });
});

describe("catching up", () => {
  it("sends an agent's parked events as one list, oldest first, and an event alone under its own id", async () => {
    network = () => answer(503);
    await platform.raise(EVENT, payloadOf(1, 2));
    await platform.raise(EVENT, payloadOf(1, 1));
    await platform.raise(EVENT, payloadOf(2, 1));
    const live = ids();
    network = () => ok;
    clock += 40 * MINUTE;

    expect(await platform.fireSchedules()).toBe(2);

    const [list, single] = bodies().slice(-2) as {
      events: { data: { agent_availability: { updated_at: string } } }[];
    }[];
    expect(list?.events.map((event) => event.data.agent_availability.updated_at)).toEqual([
      "2026-11-24T08:01:00.000Z",
      "2026-11-24T08:02:00.000Z",
    ]);
    expect(single?.events).toHaveLength(1);
    expect(ids().at(-1)).toBe(live.at(-1));
    expect(platform.schedules.size).toBe(0);
  });

  it("parks again what the hub still does not take, and tells what it finds invalid", async () => {
    network = () => answer(503);
    await platform.raise(EVENT, payloadOf(1, 1));
    clock += 40 * MINUTE;
    await platform.fireSchedules();

    expect(parked()[0]).toHaveLength(1);
    expect(logged()).toEqual([
      `parking ${ids()[0]}: status 503`,
      `parking ${ids()[0]} again: status 503`,
    ]);

    network = () => answer(200, { results: [{ index: 0, outcome: "invalid", issues: [] }] });
    clock += 40 * MINUTE;
    await platform.fireSchedules();

    expect(platform.schedules.size).toBe(0);
    expect(logged().at(-1)).toBe(`dropped ${ids()[0]}: the hub finds it invalid`);
  });

  it("tells of a list only those that the hub finds invalid, and that were in it", async () => {
    network = () => answer(503);
    await platform.raise(EVENT, payloadOf(1, 1));
    await platform.raise(EVENT, payloadOf(1, 2));
    const before = logged().length;
    const [, second] = parked()[0] ?? [];
    network = () =>
      answer(200, {
        results: [
          { index: 0, outcome: "applied" },
          { index: 1, outcome: "invalid" },
          { index: 7, outcome: "invalid" },
        ],
      });

    await platform.fireSchedules({ ahead: true });

    expect(logged().slice(before)).toEqual([`dropped ${second?.id}: the hub finds it invalid`]);
  });

  it("sends what was parked just a day ago", async () => {
    network = () => answer(503);
    await platform.raise(EVENT, payloadOf(1, 1));
    clock += 24 * 60 * MINUTE;
    network = () => ok;

    await platform.fireSchedules();

    expect(platform.requests.at(-1)?.status).toBe(200);
    expect(logged()).toHaveLength(1);
  });

  it("joins what was parked in the meantime", async () => {
    network = () => answer(503);
    await platform.raise(EVENT, payloadOf(1, 1));
    network = async (request) => {
      if (request.body.startsWith('{"events"')) {
        await platform.raise(EVENT, payloadOf(1, 2));
      }
      return answer(503);
    };
    await platform.fireSchedules({ ahead: true });

    expect(parked().map((events) => events.length)).toEqual([2]);
  });

  it("gives up what was parked over a day ago, with a line that names it", async () => {
    network = () => answer(503);
    await platform.raise(EVENT, payloadOf(1, 1));
    const [id] = ids();
    const sent = platform.requests.length;
    clock += 24 * 60 * MINUTE + 1;

    await platform.fireSchedules();

    expect(platform.requests).toHaveLength(sent);
    expect(logged().at(-1)).toBe(`dropped ${id}: it was parked for over 24 hours`);
    expect(platform.schedules.size).toBe(0);
  });

  it("drops a list that the hub refuses as malformed, with a line for each event", async () => {
    network = () => answer(503);
    await platform.raise(EVENT, payloadOf(1, 1));
    await platform.raise(EVENT, payloadOf(1, 2));
    const events = [...new Set(ids())];
    network = () => answer(400);
    await platform.fireSchedules({ ahead: true });

    expect(platform.schedules.size).toBe(0);
    expect(logged().slice(-2)).toEqual(
      events.map((id) => `dropped ${id}: the hub refused it with status 400`),
    );
  });

  it("gives the same list the same id, and another list another", async () => {
    network = () => answer(503);
    await platform.raise(EVENT, payloadOf(1, 1));
    await platform.raise(EVENT, payloadOf(1, 2));
    await platform.fireSchedules({ ahead: true });
    const first = ids().at(-1);
    await platform.fireSchedules({ ahead: true });
    const second = ids().at(-1);
    await platform.raise(EVENT, payloadOf(1, 3));
    await platform.fireSchedules({ ahead: true });

    expect(first).toMatch(/^availability_list_[\w-]{43}$/);
    expect(second).toBe(first);
    expect(ids().at(-1)).not.toBe(first);
  });
});

describe("the installation", () => {
  it("pings the hub with an empty list", async () => {
    expect(await platform.install()).toBeUndefined();
    expect(bodies()).toEqual([{ events: [] }]);
    expect(ids()[0]).toBe(`ping_${clock}`);
  });

  it("is not refused for a blank that was pasted with the key", async () => {
    platform = aPlatform({ signing_key: ` ${KEY}\n` });

    expect(await platform.install()).toBeUndefined();
    const [{ request } = { request: undefined }] = platform.requests;
    expect(() =>
      new Webhook(KEY).verify(request?.body ?? "", { ...request?.headers }),
    ).not.toThrow();
  });

  it("is refused with a look at the host for a 400 that is no JSON", async () => {
    network = () => ({ status: 400, headers: json, body: "<html></html>" });

    expect(await platform.install()).toBe("The hub cannot be reached. Look at the host.");
  });

  it.each([
    [400, "The hub did not understand. Is the relay up to date?"],
    [401, "The hub refused the signing key. Paste it again."],
    [403, "The hub does not allow this account or address."],
    [404, "The hub does not know this path. Paste it again."],
    [429, "The hub is too busy. Try again in a minute."],
    [500, "The hub is failing at the moment. Try again later."],
    [503, "The hub is failing at the moment. Try again later."],
  ])("is refused with a sentence when the hub answers %d", async (status, sentence) => {
    network = () => answer(status);

    expect(await platform.install()).toBe(sentence);
  });

  it.each([
    ["answers 200 without results", ok.headers, 200, "<html></html>"],
    ["answers 200 with other JSON", json, 200, "{}"],
  ])("is refused when the host %s: it is not the hub", async (_, headers, status, body) => {
    network = () => ({ status, headers, body });

    expect(await platform.install()).toBe(
      "This host answers, but is not the hub. Look at the host.",
    );
  });

  it.each([400, 401, 403])(
    "is refused with a look at the host when somebody else answers %d",
    async (status) => {
      network = () => answer(status, { message: "Forbidden" });

      expect(await platform.install()).toBe("The hub cannot be reached. Look at the host.");
    },
  );

  it("is refused for the time being when the platform takes no more requests", async () => {
    for (let agent = 1; agent <= 50; agent += 1) {
      await platform.raise(EVENT, payloadOf(agent, 1));
    }

    expect(await platform.install()).toBe("The hub is too busy. Try again in a minute.");
  });

  it("is refused when the hub is out of reach, or the host none", async () => {
    network = () => {
      throw new Error("ENOTFOUND");
    };

    expect(await platform.install()).toBe("The hub cannot be reached. Look at the host.");
    platform = aPlatform({ hub_host: "not a host" });
    expect(await platform.install()).toBe("The hub cannot be reached. Look at the host.");
  });

  it.each(["", "secret", "whsec_", "whsec_%%%"])(
    "is refused for %j, which is no key, without a request",
    async (signing_key) => {
      platform = aPlatform({ signing_key });

      expect(await platform.install()).toBe("The signing key is none: it begins with whsec_.");
      expect(platform.requests).toHaveLength(0);
    },
  );
});

it("logs no payload, no key and no personal data, whatever comes", async () => {
  for (const status of [200, 400, 401, 503]) {
    network = () => answer(status);
    await platform.raise(EVENT, payloadOf(status, 1));
  }
  await platform.fireSchedules({ ahead: true });
  await platform.install();

  expect(logged().length).toBeGreaterThan(3);
  expect(logged().join("\n")).not.toMatch(/Rachel|acme|Minerva|On break|whsec|C2FVsBQ/i);
});

it("asks for nothing that the platform is not known to have", async () => {
  await platform.raise(EVENT, aPayload());
  network = () => answer(503);
  await platform.raise(EVENT, aPayload());

  expect(logged().filter((text) => text.startsWith("unhandled"))).toEqual([]);
});
