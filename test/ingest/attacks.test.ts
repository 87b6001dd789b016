import { beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { Webhook } from "standardwebhooks";

import { anIngestHandler } from "../builders/ingest-handler.ts";
import { aPayload, minutesAgo } from "../../tools/fakes/payload.ts";
import { aRequest, KEY, signatureOf } from "../../tools/fakes/request.ts";

const ACCOUNT = "11010177632";
/** An account with two keys. */
const ROTATING_ACCOUNT = "43";
const UNKNOWN_KEY = "whsec_c3RyYW5nZXItc3RyYW5nZXItc3RyYW5n";
const OTHER_ACCOUNT_KEY = "whsec_Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24t";
const body = JSON.stringify(aPayload());
const of = (agent: Record<string, unknown>) => JSON.stringify(aPayload({ agent }));
const epochSecondsNow = () => String(Math.floor(Date.now() / 1000));

let hub: Awaited<ReturnType<typeof anIngestHandler>>;

beforeAll(async () => {
  hub = await anIngestHandler({
    [ACCOUNT]: [KEY],
    "42": [OTHER_ACCOUNT_KEY],
    [ROTATING_ACCOUNT]: [OTHER_ACCOUNT_KEY, KEY],
  });
});

beforeEach(() => {
  hub.reset();
});

const good = () => signatureOf(KEY, "delivery-1", epochSecondsNow(), body);
const BAD_SIGNATURE = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";

describe("a header", () => {
  it.each([
    [
      "signature twice, the bad one first",
      () => ({ "webhook-signature": `${BAD_SIGNATURE},${good()}` }),
    ],
    ["signature after a tab", () => ({ "webhook-signature": `\t${good()}` })],
    ["signature in pieces", () => ({ "webhook-signature": good().replace(/(.{20})/, "$1 ") })],
    ["time twice", () => ({ "webhook-timestamp": `${epochSecondsNow()},${epochSecondsNow()}` })],
    ["time before a newline", () => ({ "webhook-timestamp": `${epochSecondsNow()}\n` })],
    ["time after a space", () => ({ "webhook-timestamp": ` ${epochSecondsNow()}` })],
    ["time in Arabic digits", () => ({ "webhook-timestamp": "\u0661\u0667\u0669\u0665" })],
    ["time zero", () => ({ "webhook-timestamp": "0" })],
    ["id twice", () => ({ "webhook-id": "delivery-1,delivery-1" })],
    ["id in another case", () => ({ "webhook-id": "Delivery-1" })],
  ])("with the %s returns 401", async (_, headers) => {
    const response = await hub.call(aRequest(body, { headers: headers() }));

    expect(response.status).toBe(401);
    expect(hub.writes()).toHaveLength(0);
  });
});

describe("a path", () => {
  it.each([
    `${ACCOUNT}/`,
    ` ${ACCOUNT}`,
    `${ACCOUNT}%00`,
    `${ACCOUNT}\u0000`,
    `42/../${ACCOUNT}`,
    "../../v1/accounts/42",
    "0011010177632",
    "1.1010177632e10",
    "__proto__",
    "constructor",
    "toString",
    "",
  ])("with the account %j returns 401", async (accountId) => {
    const response = await hub.call(aRequest(of({ account_id: accountId }), { accountId }));

    expect(response.status).toBe(401);
    expect(hub.writes()).toHaveLength(0);
  });

  it("of one account stores no state of another, whichever key signs it", async () => {
    const responses = [
      await hub.call(aRequest(of({ account_id: "42" }))),
      await hub.call(aRequest(body, { accountId: "42", key: OTHER_ACCOUNT_KEY })),
      await hub.call(aRequest(of({ account_id: "42" }), { accountId: "42" })),
    ];

    expect(responses.map(({ status }) => status)).toEqual([403, 403, 401]);
    expect(hub.writes()).toHaveLength(0);
  });
});

it("a rejected request causes the same work for known and unknown accounts, with any number of keys", async () => {
  const verify = jest.spyOn(Webhook.prototype, "verify");
  const bodiesVerified = async (accountId: string) => {
    verify.mockClear();
    const response = await hub.call(aRequest(body, { accountId, key: UNKNOWN_KEY }));
    expect(response.status).toBe(401);
    return verify.mock.calls.map(([text]) => text);
  };

  expect(await bodiesVerified(ACCOUNT)).toEqual([body, body]);
  expect(await bodiesVerified(ROTATING_ACCOUNT)).toEqual([body, body]);
  expect(await bodiesVerified("1")).toEqual([body, body]);
  verify.mockRestore();
});

describe("JSON", () => {
  const twice = (first: string, second: string) =>
    of({ account_id: "PLACE" }).replace(
      '"account_id":"PLACE"',
      `"account_id":"${first}","account_id":"${second}"`,
    );

  it("with two account_id members belongs to the account that is stored", async () => {
    const foreign = await hub.call(aRequest(twice(ACCOUNT, "42")));
    expect(foreign.status).toBe(403);
    expect(hub.writes()).toHaveLength(0);

    const own = await hub.call(aRequest(twice("42", ACCOUNT)));
    expect(own.status).toBe(200);
    expect(hub.writes().map(({ Key: key }) => key?.["accountId"])).toEqual([{ S: ACCOUNT }]);
  });

  it.each([
    ["lists in lists", "[".repeat(60_000) + "]".repeat(60_000), "body"],
    [
      "objects in objects",
      '{"data":'.repeat(10_000) + "1" + "}".repeat(10_000),
      "data.agent_availability",
    ],
    ["the whole body in __proto__", `{"__proto__":${body}}`, "data"],
    [
      "its agent in __proto__",
      body.replace('"agent_availability"', '"__proto__"'),
      "data.agent_availability",
    ],
    ["an object of length 0 in place of a list", '{"events":{"length":0}}', "events"],
    ["an infinite id", body.replace("787096", "1e400"), "data.agent_availability.id"],
    [
      "an id that has lost digits",
      body.replace("787096", "9007199254740993"),
      "data.agent_availability.id",
    ],
  ])("with %s is invalid", async (_, text, path) => {
    const response = await hub.call(aRequest(text));

    expect(response.status).toBe(400);
    expect(response.json.issues?.map((issue) => issue.path)).toContain(path);
    expect(hub.writes()).toHaveLength(0);
  });

  it("of any depth is accepted in an unknown field", async () => {
    const deep = "[".repeat(50_000) + "]".repeat(50_000);

    const response = await hub.call(aRequest(body.replace("{", `{"unknown":${deep},`)));

    expect(response.status).toBe(200);
  });

  it.each(["__proto__", "constructor", "\u0000", "a/../b", "%2e%2e"])(
    "may contain an agent with the ID %j",
    async (id) => {
      const response = await hub.call(aRequest(of({ id })));

      expect(response.json.results).toEqual([
        { availabilityId: id, outcome: "applied", version: 1 },
      ]);
      expect(hub.writes()[0]?.Key).toEqual({
        accountId: { S: ACCOUNT },
        availabilityId: { S: id },
      });
    },
  );

  it.each([[[]], [null], [[{ data: {} }]], ["x"]])(
    "with data and events %j is a single event",
    async (events) => {
      const response = await hub.call(aRequest(JSON.stringify({ ...aPayload(), events })));

      expect(response.status).toBe(200);
      expect(hub.writes().map(({ Key: key }) => key?.["availabilityId"])).toEqual([
        { S: "787096" },
      ]);
    },
  );

  it.each([-1, 0, "9".repeat(20), Number.MAX_VALUE, "1e400", {}, []])(
    "with the timestamp %j is ordered by updated_at",
    async (timestamp) => {
      const updated_at = minutesAgo(3);

      const response = await hub.call(aRequest(aPayload({ agent: { updated_at }, timestamp })));

      expect(response.status).toBe(200);
      expect(hub.writes()[0]?.ExpressionAttributeValues?.[":eventTimestamp"]).toEqual({
        N: String(Date.parse(updated_at) * 1000),
      });
    },
  );

  it("in base64 that is not UTF-8 is rejected although it decodes to the text that was signed", async () => {
    const text = body.replace("Rachel", "R\ufffdchel");
    const asSigned = Buffer.from(text);
    const start = asSigned.indexOf("\ufffd");
    const bytes = Buffer.concat([
      asSigned.subarray(0, start),
      Buffer.from([0xff]),
      asSigned.subarray(start + 3),
    ]);
    const request = { ...aRequest(text), isBase64Encoded: true };

    const altered = await hub.call({ ...request, body: bytes.toString("base64") });
    expect(altered.status).toBe(401);
    expect(hub.writes()).toHaveLength(0);

    const whole = await hub.call({ ...request, body: asSigned.toString("base64") });
    expect(whole.status).toBe(200);
  });
});
