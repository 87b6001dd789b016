import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { aPayload } from "../../tools/fakes/payload.ts";
import { aRequest, KEY } from "../../tools/fakes/request.ts";
import { anIngestHandler, type IngestHandler } from "../builders/ingest-handler.ts";

const OTHER_KEY = "whsec_Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24t";
const PING_KEY = "whsec_cGluZy1waW5nLXBpbmctcGluZy1waW5n";

const body = JSON.stringify(aPayload());
let hub: IngestHandler;

beforeAll(async () => {
  hub = await anIngestHandler(
    { "11010177632": [KEY], "42": [OTHER_KEY], _ping: [PING_KEY] },
    "18.233.117.211/32 2001:db8::/32",
  );
});

beforeEach(() => {
  // The tolerance is tested to the second, so the clock does not advance.
  const now = Date.now();
  jest.spyOn(Date, "now").mockReturnValue(now);
  hub.reset();
});

afterEach(() => {
  jest.restoreAllMocks();
});

const nowSeconds = () => Math.floor(Date.now() / 1000);
const withHeader = (name: string, value: string | undefined) =>
  aRequest(body, { headers: { [name]: value } });
const withTimestamp = (timestamp: string) => aRequest(body, { timestamp });

describe("a request without a valid signature", () => {
  it.each([
    ["no signature", () => withHeader("webhook-signature", undefined)],
    ["an empty signature", () => withHeader("webhook-signature", "")],
    ["another signature version", () => withHeader("webhook-signature", "v2,abc")],
    ["a signature without a version", () => withHeader("webhook-signature", "abc")],
    ["no ID", () => withHeader("webhook-id", undefined)],
    ["an empty ID", () => aRequest(body, { webhookId: "" })],
    ["an ID of 257 characters", () => aRequest(body, { webhookId: "x".repeat(257) })],
    ["no timestamp", () => withHeader("webhook-timestamp", undefined)],
    ["a timestamp that only starts with digits", () => withTimestamp(`${nowSeconds()}abc`)],
    ["a timestamp with a sign", () => withTimestamp(`+${nowSeconds()}`)],
    ["a timestamp in milliseconds", () => withTimestamp(`${nowSeconds()}000`)],
    ["a timestamp 301 seconds in the past", () => withTimestamp(String(nowSeconds() - 301))],
    ["a timestamp 301 seconds in the future", () => withTimestamp(String(nowSeconds() + 301))],
    ["another account's key", () => aRequest(body, { key: OTHER_KEY })],
    ["an unknown account", () => aRequest(body, { accountId: "1" })],
    ["an account named like a property", () => aRequest(body, { accountId: "constructor" })],
    [
      "no account in its path",
      () => {
        const { pathParameters: _path, ...request } = aRequest(body);
        return request;
      },
    ],
  ])("because of %s returns 401 without a reason, and stores nothing", async (_, request) => {
    const { status, headers, json } = await hub.call(request());

    expect(status).toBe(401);
    expect(headers).toEqual({ "content-type": "application/json" });
    expect(json).toEqual({
      type: "about:blank",
      title: "Unauthorized",
      status: 401,
      detail: "the signature is missing or invalid",
      requestId: "request-1",
    });
    expect(hub.writes()).toHaveLength(0);
  });

  it("is rejected if body, ID, timestamp or account were changed after signing", async () => {
    const signed = aRequest(body);
    const changed = [
      { ...signed, body: body.replace("Rachel", "Rachael") },
      { ...signed, headers: { ...signed.headers, "webhook-id": "delivery-2" } },
      {
        ...signed,
        headers: { ...signed.headers, "webhook-timestamp": String(nowSeconds() - 30) },
      },
      { ...signed, pathParameters: { accountId: "42" } },
    ];

    const statuses = [];
    for (const request of changed) {
      statuses.push((await hub.call(request)).status);
    }

    expect(statuses).toEqual([401, 401, 401, 401]);
    expect(hub.writes()).toHaveLength(0);
    expect(hub.metrics()).not.toHaveProperty("EventsReceived");
  });

  it("is counted in the only log line, and triggers no fetch of the keys", async () => {
    hub.secrets.resetHistory();

    await hub.call(
      aRequest(body, { key: OTHER_KEY, headers: { "x-relay-version": "x".repeat(9000) } }),
    );

    expect(hub.logged()).toEqual([]);
    expect(hub.lines()).toHaveLength(1);
    expect(hub.lines()[0]?.length).toBeLessThanOrEqual(300);
    expect(hub.metrics()).toMatchObject({ RejectedBadSignature: 1 });
    expect(hub.metrics()).not.toHaveProperty("OldRelayVersion");
    expect(hub.secrets.commandCalls(GetSecretValueCommand)).toHaveLength(0);
  });

  it.each([
    ["a known account", "11010177632", "11010177632"],
    ["an unknown account", "4711", "4711"],
    ["an account ID that is too long", "4".repeat(500), "4".repeat(32)],
  ])("names %s in the line of the metric", async (_, accountId, named) => {
    await hub.call(aRequest(body, { accountId, key: OTHER_KEY }));

    expect(JSON.parse(hub.lines()[0] ?? "")).toMatchObject({ accountId: named });
  });

  it.each([
    ["a known account with a wrong key", { key: OTHER_KEY }, "RejectedBadSignature"],
    ["an unknown account", { accountId: "1" }, "RejectedUnauthenticated"],
    [
      "a known account without a signature",
      { headers: { "webhook-signature": undefined } },
      "RejectedUnauthenticated",
    ],
    ["the public ping account", { accountId: "_ping" }, "RejectedUnauthenticated"],
  ])("of %s is counted separately", async (_, options, metric) => {
    await hub.call(aRequest(body, options));

    const counted = Object.keys(hub.metrics()).filter((name) => name.startsWith("Rejected"));
    expect(counted).toEqual([metric]);
  });
});

describe("a signed request", () => {
  it.each([-300, 300])("is accepted from a clock that is %d seconds off", async (seconds) => {
    expect((await hub.call(withTimestamp(String(nowSeconds() + seconds)))).status).toBe(200);
  });

  it("is accepted with an ID of 256 characters", async () => {
    expect((await hub.call(aRequest(body, { webhookId: "x".repeat(256) }))).status).toBe(200);
  });
});

describe("the source address", () => {
  it.each([
    ["18.233.117.212", 403],
    ["2001:db9::1", 403],
    ["not an address", 403],
    ["2001:db8::1", 200],
  ])("%s returns %d", async (sourceIp, expected) => {
    const { status, json } = await hub.call(aRequest(body, { sourceIp }));

    expect(status).toBe(expected);
    expect(json).toMatchObject(
      expected === 403
        ? { title: "Forbidden", detail: "requests from this address are not allowed" }
        : { results: [{ outcome: "applied" }] },
    );
    expect(hub.metrics()["RejectedSourceNotAllowed"]).toBe(expected === 403 ? 1 : undefined);
  });

  it("is checked before the size of the body", async () => {
    expect((await hub.call(aRequest("x".repeat(131_073), { sourceIp: "1.1.1.1" }))).status).toBe(
      403,
    );
  });
});

describe("the request body", () => {
  it("may have 128 KiB, and its size is checked before the signature", async () => {
    const largest = body.padEnd(131_072, " ");

    expect((await hub.call(aRequest(largest))).status).toBe(200);
    const { status, json } = await hub.call(aRequest(`${largest} `, { key: OTHER_KEY }));
    expect(status).toBe(413);
    expect(json).toMatchObject({
      title: "Content Too Large",
      detail: "the request body must be at most 128 KiB",
    });
    expect(hub.metrics()).toMatchObject({ RejectedTooLarge: 1 });
  });

  it("is measured in bytes after decoding", async () => {
    expect((await hub.call(aRequest("ü".repeat(65_537), { base64: true }))).status).toBe(413);
  });

  it.each([
    ["not JSON", "{", [{ path: "body", message: "must be JSON" }]],
    ["empty", "", [{ path: "body", message: "must be JSON" }]],
    ["a number", "3", [{ path: "body", message: "must be an object" }]],
    ["a list", "[]", [{ path: "body", message: "must be an object" }]],
    ["an object without data", "{}", [{ path: "data", message: "must be an object" }]],
  ])(
    "is rejected if it is %s, with issues in the response and the log",
    async (_, text, issues) => {
      const { status, json } = await hub.call(aRequest(text));

      expect(status).toBe(400);
      expect(json).toEqual({
        type: "about:blank",
        title: "Bad Request",
        status: 400,
        detail: 'the request body is invalid; see "issues" for the errors',
        requestId: "request-1",
        issues,
      });
      expect(hub.writes()).toHaveLength(0);
      expect(JSON.parse(hub.logged()[0] ?? "")).toEqual({
        message: "rejected a request",
        rejection: "Malformed",
        detail: 'the request body is invalid; see "issues" for the errors',
        issues,
        accountId: "11010177632",
        requestId: "request-1",
      });
      expect(hub.metrics()).toMatchObject({ RejectedMalformed: 1 });
    },
  );

  it("is invalid if it is absent and the signature is valid", async () => {
    const { body: _body, ...request } = aRequest("");

    const { status, json } = await hub.call(request);

    expect(status).toBe(400);
    expect(json.issues).toEqual([{ path: "body", message: "must be JSON" }]);
  });
});
