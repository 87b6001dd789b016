import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import * as fc from "fast-check";

import type { handler as Handler } from "../../functions/ingest/handler.ts";
import { malformedBodies, validPayloads } from "../builders/bodies.ts";
import { forgeries, type Sent, signedRequests } from "../builders/forgeries.ts";
import { aContext, aRequest, KEY } from "../builders/request.ts";

const ACCOUNT = "11010177632";
const NEIGHBOUR = { accountId: "42", key: "whsec_Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24t" };
const VICTIM = { accountId: ACCOUNT, key: KEY, neighbour: NEIGHBOUR };
const RUNS = 10_000;
/** A busy machine may be several times slower than an idle one. */
const PATIENCE_MS = 240_000;

const table = mockClient(DynamoDBClient);
const secrets = mockClient(SecretsManagerClient);
const { log, info, warn, error } = console;

let handler: typeof Handler;

async function call({ accountId, headers, body }: Sent) {
  const request = aRequest(body, { accountId });
  const answer = await handler({ ...request, headers: { ...headers } }, aContext());
  const json = JSON.parse(answer.body ?? "") as {
    issues?: { path: string; message: string }[];
    results?: unknown[];
  };
  return { status: answer.statusCode, type: answer.headers?.["content-type"], json };
}

const writes = () =>
  table
    .commandCalls(UpdateItemCommand)
    .filter((each) => each.args[0].input.Key?.["accountId"]?.S !== "_prewarm");

beforeAll(async () => {
  Object.assign(process.env, {
    STAGE: "test",
    TABLE_NAME: "agents",
    SIGNING_KEYS_SECRET_ARN: "arn:keys",
    ALLOWED_SOURCES: "",
    POWERTOOLS_DEV: "true",
    AWS_REGION: "us-east-1",
  });
  secrets.on(GetSecretValueCommand).resolves({
    SecretString: JSON.stringify({ [ACCOUNT]: [KEY], [NEIGHBOUR.accountId]: [NEIGHBOUR.key] }),
  });
  const silence = () => undefined;
  Object.assign(console, { log: silence, info: silence, warn: silence, error: silence });
  ({ handler } = await import("../../functions/ingest/handler.ts"));
});

afterAll(() => {
  Object.assign(console, { log, info, warn, error });
});

beforeEach(() => {
  table.reset();
  table.on(UpdateItemCommand).resolves({ Attributes: { version: { N: "1" } } });
});

describe("of 10,000 generated", () => {
  it(
    "forgeries each is 401, and none is stored",
    async () => {
      const kinds = new Set<string>();
      await fc.assert(
        fc.asyncProperty(forgeries(VICTIM), async ({ kind, ...sent }) => {
          kinds.add(kind);
          const { status, type, json } = await call(sent);
          expect({ status, type, issues: json.issues }).toEqual({
            status: 401,
            type: "application/json",
            issues: undefined,
          });
          expect(writes()).toHaveLength(0);
        }),
        { numRuns: RUNS },
      );
      expect(kinds.size).toBe(28);
    },
    PATIENCE_MS,
  );

  it(
    "malformed bodies each is 400 with the path of what is wrong, and none is stored",
    async () => {
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
          expect(writes()).toHaveLength(0);
        }),
        { numRuns: RUNS },
      );
      expect(kinds.size).toBe(26);
    },
    PATIENCE_MS,
  );
});

it(
  "the same generators make requests that are let in and stored: not everything is refused",
  async () => {
    await fc.assert(
      fc.asyncProperty(signedRequests(VICTIM, validPayloads(ACCOUNT)), async (sent) => {
        table.resetHistory();
        const { status, json } = await call(sent);
        expect({ status, issues: json.issues }).toEqual({ status: 200, issues: undefined });
        expect(writes()).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
  },
  PATIENCE_MS,
);
