import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { malformedBodies, validPayloads } from "../builders/bodies.ts";
import { forgeries, type SentRequest, signedRequests } from "../builders/forgeries.ts";
import { anIngestHandler } from "../builders/ingest-handler.ts";
import { aRequest, KEY } from "../../tools/fakes/request.ts";

const ACCOUNT = "11010177632";
const OTHER_ACCOUNT = { accountId: "42", key: "whsec_Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24t" };
const VICTIM = { accountId: ACCOUNT, key: KEY, otherAccount: OTHER_ACCOUNT };
const RUNS = 2000;

let hub: Awaited<ReturnType<typeof anIngestHandler>>;

beforeAll(async () => {
  hub = await anIngestHandler({ [ACCOUNT]: [KEY], [OTHER_ACCOUNT.accountId]: [OTHER_ACCOUNT.key] });
});

beforeEach(() => {
  hub.reset();
});

const call = ({ accountId, headers, body }: SentRequest) =>
  hub.call({ ...aRequest(body, { accountId }), headers: { ...headers } });

describe("2,000 generated requests", () => {
  it("return 401 if they are forged, and none is stored", async () => {
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(forgeries(VICTIM), async ({ kind, ...sent }) => {
        kinds.add(kind);
        const { status, headers, json } = await call(sent);
        expect({ status, headers, issues: json.issues }).toEqual({
          status: 401,
          headers: { "content-type": "application/json" },
          issues: undefined,
        });
        expect(hub.writes()).toHaveLength(0);
      }),
      { numRuns: RUNS },
    );
    expect(kinds.size).toBe(28);
  });

  it("return 400 with the path of the issue if the body is invalid, and none is stored", async () => {
    const kinds = new Set<string>();
    const requests = malformedBodies(ACCOUNT).chain((malformed) =>
      signedRequests(VICTIM, fc.constant(malformed.body)).map((sent) => ({ malformed, sent })),
    );
    await fc.assert(
      fc.asyncProperty(requests, async ({ malformed, sent }) => {
        kinds.add(malformed.kind);
        const { status, json } = await call(sent);
        expect(status).toBe(400);
        expect(json.issues?.map(({ path }) => path)).toContain(malformed.path);
        expect(json.issues?.every(({ message }) => message !== "")).toBe(true);
        expect(hub.writes()).toHaveLength(0);
      }),
      { numRuns: RUNS },
    );
    expect(kinds.size).toBe(27);
  });
});

it("valid requests of the same generators are accepted and stored", async () => {
  await fc.assert(
    fc.asyncProperty(signedRequests(VICTIM, validPayloads(ACCOUNT)), async (sent) => {
      hub.reset();
      const { status, json } = await call(sent);
      expect({ status, issues: json.issues }).toEqual({ status: 200, issues: undefined });
      expect(hub.writes()).toHaveLength(1);
    }),
    { numRuns: 1000 },
  );
});

it("a batch of valid and invalid events returns a result for each, and only the valid ones are stored", async () => {
  const valid = validPayloads(ACCOUNT).map((body) => ({ body, path: undefined }));
  const malformed = malformedBodies(ACCOUNT).filter(({ kind }) => kind.startsWith("wrong "));
  const batches = fc
    .array(fc.oneof(valid, malformed), { minLength: 1, maxLength: 50, size: "max" })
    .filter((events) => events.reduce((sum, { body }) => sum + body.length, 0) < 100_000);
  await fc.assert(
    fc.asyncProperty(batches, async (events) => {
      hub.reset();
      const body = `{"events":[${events.map((event) => event.body).join(",")}]}`;

      const { status, json } = await hub.call(aRequest(body));

      expect(status).toBe(200);
      const { results = [] } = json;
      expect(results).toHaveLength(events.length);
      for (const [index, { path }] of events.entries()) {
        const { outcome, ...result } = results[index] ?? { outcome: "missing" };
        expect(outcome).toBe(path === undefined ? "applied" : "invalid");
        expect(result.index).toBe(path === undefined ? undefined : index);
        expect(result.issues?.map((issue) => issue.path) ?? [undefined]).toContain(path);
      }
      const indexes = hub
        .writes()
        .map((write) => Number(write.ExpressionAttributeValues?.[":webhookId"]?.S?.split("#")[1]))
        .toSorted((first, second) => first - second);
      expect(indexes).toEqual(
        [...events.keys()].filter((index) => events[index]?.path === undefined),
      );
    }),
    { numRuns: 100 },
  );
});
