import { beforeEach, describe, expect, it } from "@jest/globals";
import { Webhook } from "standardwebhooks";

import { aPayload } from "../../tools/fakes/payload.ts";
import { KEY } from "../../tools/fakes/request.ts";
import {
  ACCOUNT,
  aRelay,
  json,
  labelOf,
  ok,
  payloadOf,
  type Relay,
  respondWith,
} from "./a-relay.ts";

let relay: Relay;

beforeEach(() => {
  relay = aRelay();
});

describe("an event", () => {
  it("is sent as the platform provides it, without the fields that may contain secrets", async () => {
    const payload = { ...aPayload(), app_settings: { secret: "s" } };

    await relay.raise(payload);

    const { app_settings: _settings, ...expected } = payload;
    expect(relay.platform.requests).toHaveLength(1);
    expect(relay.bodies()[0]).toEqual(expected);
    expect(relay.platform.requests[0]?.request).toMatchObject({
      method: "POST",
      url: "https://abc.execute-api.eu-central-1.amazonaws.com/v1/accounts/11010177632/availability-events",
    });
    expect(relay.platform.requests[0]?.request.headers).toMatchObject({
      "content-type": "application/json",
      "x-relay-version": "1.1.0",
      "webhook-timestamp": String(Math.floor(relay.clock / 1000)),
    });
    expect(relay.logged()).toEqual([]);
  });

  it("has an ASCII body and a signature that the Standard Webhooks library accepts", async () => {
    await relay.raise(aPayload({ agent: { name: "Zoë 🦉 \u2028" } }));

    const [{ request } = { request: undefined }] = relay.platform.requests;
    expect(request?.body).toMatch(/^[ -~]*$/);
    expect(request?.body).toContain('"Zo\\u00eb \\ud83e\\udd89 \\u2028"');
    expect(() =>
      new Webhook(KEY).verify(request?.body ?? "", { ...request?.headers }),
    ).not.toThrow();
    expect(relay.bodies()[0]).toHaveProperty("data.agent_availability.name", "Zoë 🦉 \u2028");
  });

  it("is sent complete up to 96 KB, and trimmed above that", async () => {
    const bare = JSON.stringify({ ...aPayload(), extra: "" }).length;
    for (const size of [98_304, 98_305]) {
      await relay.raise({ ...aPayload(), extra: "x".repeat(size - bare) });
    }

    expect(relay.platform.requests.map(({ request }) => request.body.length)[0]).toBe(98_304);
    expect(relay.bodies().map((body) => "extra" in body)).toEqual([true, false]);
    expect(relay.bodies()[1]).toHaveProperty("data.agent_availability.id", 787096);
  });

  it("has an ID that depends on exactly the fields that the hub reads", async () => {
    const payload = payloadOf(1, 1);
    await relay.raise(payload);
    await relay.raise({ ...payload, unread: 1 });
    await relay.raise(payloadOf(1, 2));

    const [first, same, other] = relay.ids();
    expect(first).toMatch(/^availability_[\w-]{43}$/);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });

  it("reaches the hub if whitespace was pasted around host and path", async () => {
    relay = aRelay({
      checksPatterns: false,
      settings: { hub_host: " abc.example.com\n", hub_path: " v1/accounts/1/availability-events " },
    });

    await relay.raise(aPayload());

    expect(relay.platform.requests[0]?.request.url).toBe(
      "https://abc.example.com/v1/accounts/1/availability-events",
    );
  });
});

describe("a response", () => {
  it.each([400, 413])("with status %d drops the event and logs its ID", async (status) => {
    relay.network = () => respondWith(status);

    await relay.raise(aPayload());

    expect(relay.platform.requests).toHaveLength(1);
    expect(relay.platform.schedules.size).toBe(0);
    expect(relay.platform.log).toEqual([
      {
        level: "error",
        text: `Dropped ${labelOf(relay.ids()[0])}: the hub returned status ${status}.`,
      },
    ]);
  });

  it("with status 404, which the gateway returns, drops the event too", async () => {
    relay.network = () => respondWith(404, { message: "Not Found" });

    await relay.raise(aPayload());

    expect(relay.platform.schedules.size).toBe(0);
  });

  it.each([
    [401, "the hub rejected the signing key (status 401)"],
    [403, "the hub does not accept requests from this source address (status 403)"],
  ])("with status %d parks the event immediately and logs that %s", async (status, reason) => {
    relay.network = () => respondWith(status);

    await relay.raise(aPayload());

    expect(relay.platform.requests).toHaveLength(1);
    expect(relay.parked()).toHaveLength(1);
    expect(relay.logged()).toEqual([`Parked ${labelOf(relay.ids()[0])}: ${reason}.`]);
  });

  it("with status 403 for a path of another account names both account IDs in the log", async () => {
    relay = aRelay({ settings: { hub_path: "/v1/accounts/42/availability-events" } });
    relay.network = () => respondWith(403);

    await relay.raise(aPayload());

    expect(relay.logged()).toEqual([
      `Parked ${labelOf(relay.ids()[0])}: the event is from Freshdesk account ${ACCOUNT}, but the path in the app's settings is for account 42 (status 403).`,
    ]);
  });

  it.each([429, 500, 502, 503])(
    "with status %d is tried again once, then parked",
    async (status) => {
      relay.network = () => respondWith(status);

      await relay.raise(aPayload());

      expect(relay.platform.requests.map((each) => each.status)).toEqual([status, status]);
      expect(new Set(relay.ids()).size).toBe(1);
      expect(relay.parked()).toHaveLength(1);
      expect(relay.logged()).toEqual([
        `Parked ${labelOf(relay.ids()[0])}: the hub returned status ${status}.`,
      ]);
    },
  );

  it("with status 200 on the second attempt completes the delivery", async () => {
    let attempts = 0;
    relay.network = () => ((attempts += 1) === 1 ? respondWith(503) : ok);

    await relay.raise(aPayload());

    expect(relay.platform.requests).toHaveLength(2);
    expect(relay.platform.schedules.size).toBe(0);
  });

  it("that takes 4 seconds leaves no time for a second attempt", async () => {
    relay.network = () => {
      relay.clock += 4000;
      return respondWith(503);
    };

    await relay.raise(aPayload());

    expect(relay.platform.requests).toHaveLength(1);
    expect(relay.parked()).toHaveLength(1);
  });

  it("that takes less than 4 seconds leaves time for a second attempt, and the handler stays within 20 seconds", async () => {
    let attempts = 0;
    relay.network = () => {
      relay.clock += (attempts += 1) === 1 ? 3999 : 15_000;
      return respondWith(503);
    };

    await relay.raise(aPayload());

    expect(relay.platform.requests).toHaveLength(2);
    expect(relay.parked()).toHaveLength(1);
    expect(relay.logged().join()).not.toContain("unhandled");
  });

  it.each([
    [
      "does not arrive",
      () => {
        throw new Error("ECONNREFUSED");
      },
    ],
    [
      "has a content type that the platform turns into 415",
      () => ({ status: 200, headers: {}, body: "" }),
    ],
    ["is a 400 without JSON", () => ({ status: 400, headers: json, body: "<html></html>" })],
    ["has another status in its body", () => respondWith(409, { status: 400 })],
    ["is a 400 that is not the hub's", () => respondWith(400, { message: "circuit breaker" })],
    ["is a redirect", () => ({ status: 302, headers: json, body: "" })],
  ])("that %s parks the event", async (_, respond) => {
    relay.network = respond;

    await relay.raise(aPayload());

    expect(relay.parked()).toHaveLength(1);
    expect(relay.logged()).toEqual([expect.stringMatching(/^Parked /)]);
  });

  it("parks the event if the platform reports more than 50 requests a minute", async () => {
    for (let agent = 1; agent <= 51; agent += 1) {
      await relay.raise(payloadOf(agent, 1));
    }

    expect(relay.platform.requests).toHaveLength(50);
    expect([...relay.platform.schedules.keys()]).toEqual(["agent-51"]);
    expect(relay.logged()[0]).toContain(": Freshworks' platform returned status 429.");
  });

  it("is not followed by a second attempt if the platform reports more than 50 requests a minute", async () => {
    let limits = 0;
    let step = 0;
    relay = aRelay({ limitsNow: () => (limits += step) });
    for (let agent = 1; agent <= 50; agent += 1) {
      await relay.raise(payloadOf(agent, 1));
    }
    step = 30_000;

    await relay.raise(payloadOf(51, 1));

    expect(relay.platform.requests).toHaveLength(50);
    expect([...relay.platform.schedules.keys()]).toEqual(["agent-51"]);
  });
});

describe("invalid settings", () => {
  it.each(["whsec_%%%", "whsec_"])(
    "with the signing key %j park the event and log the cause",
    async (signing_key) => {
      relay = aRelay({ settings: { signing_key } });

      await relay.raise(aPayload());

      expect(relay.platform.requests).toHaveLength(0);
      expect(relay.parked()).toHaveLength(1);
      expect(relay.logged()).toEqual([
        `Parked ${labelOf(relay.parked()[0]?.[0]?.id)}: the signing key in the app's settings is invalid.`,
      ]);
    },
  );

  it("with a host that is not a domain name park the event", async () => {
    relay = aRelay({ checksPatterns: false, settings: { hub_host: "127.0.0.1" } });

    await relay.raise(aPayload());

    expect(relay.parked()).toHaveLength(1);
  });
});

it("logs no payload, key or personal data, whatever the hub returns", async () => {
  for (const status of [200, 400, 401, 403, 503]) {
    relay.network = () => respondWith(status);
    await relay.raise(payloadOf(status, 1));
  }
  await relay.platform.fireSchedules({ ahead: true });
  await relay.platform.install();

  expect(relay.logged().length).toBeGreaterThan(3);
  expect(relay.logged().join("\n")).not.toMatch(/Rachel|acme|Minerva|On break|whsec|C2FVsBQ/i);
});
