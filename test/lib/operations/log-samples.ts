import {
  BatchWriteItemCommand,
  DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { jest } from "@jest/globals";
import type { Context, DynamoDBRecord, SQSEvent } from "aws-lambda";

import { createAgentLookup } from "../../../client/lookups/agent-lookup.ts";
import { createAgentsReader } from "../../../functions/board/board-agents.ts";
import { createBoard } from "../../../functions/board/board.ts";
import { createRequestHandler } from "../../../functions/board/request-handler.ts";
import { anImage, anOutboxRecord } from "../../../tools/fakes/outbox-record.ts";
import { anAgentPayload } from "../../../tools/fakes/agent-payload.ts";
import { aPayload } from "../../../tools/fakes/payload.ts";
import { aRequest } from "../../../tools/fakes/request.ts";
import { ADMIN_KEY, aFreshdesk, aFreshdeskAgent, DOMAIN } from "../../builders/freshdesk.ts";
import { resourcesOf, synthesized } from "../synthesized.ts";
import {
  bus,
  loggedBy,
  type LogLine,
  ACCOUNT_WITHOUT_CUSTOM_STATUSES,
  post,
  PREVIOUS_KEY,
  publish,
  resetAws,
  secrets,
  table,
} from "./real-functions.ts";

/** Returns a line of the access log in the deployed format. */
export function accessLine(status: string, latency: string): object {
  const { Properties: stage = {} } =
    Object.values(resourcesOf(synthesized(), "AWS::ApiGatewayV2::Stage"))[0] ?? {};
  const { Format: format } = stage["AccessLogSettings"] as { Format: string };
  const values: Record<string, string> = { status, responseLatency: latency };
  const line = format.replaceAll(/\$context\.([\w.]+)/g, (_, name: string) => values[name] ?? "-");
  return JSON.parse(line) as object;
}

const WRONG_KEY = "whsec_Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24tZm9yZWlnbg==";

const rejection = (name: string) =>
  new DynamoDBServiceException({ name, $fault: "client", $metadata: {}, message: "no" });

/** Requests the agents of an account from the hosted board, as its page does. */
async function viewBoard(): Promise<void> {
  const signIn = { issuer: "https://id.example.com", clientId: "b", audience: "hub", scopes: [] };
  const config = { stage: "blue", accountIds: ["42"], signIn };
  const lookup = createAgentLookup({ tableName: "table", client: new DynamoDBClient({}) });
  const board = createBoard({
    page: new Map(),
    config,
    readAgents: createAgentsReader(lookup),
    signInOrigins: async () => await Promise.resolve([]),
  });
  await createRequestHandler(
    board,
    config,
  )({
    rawPath: "/v1/accounts/42/agents",
    rawQueryString: "",
    headers: {},
    requestContext: { http: { method: "GET" }, authorizer: { jwt: { claims: { sub: "ada" } } } },
  });
}

/** Stores a change in the history with the real function. */
async function storeInHistory(record: DynamoDBRecord): Promise<void> {
  const { handler } = await import("../../../functions/history/handler.ts");
  await handler({ Records: [record] }, { getRemainingTimeInMillis: () => 60_000 } as Context);
}

/** Evaluates the coverage of a channel with the real function, in a stage that supervises phone. */
async function evaluateCoverage(): Promise<void> {
  const { handler } = await import("../../../functions/supervision/handler.ts");
  const body = JSON.stringify({ accountId: "42", channel: "freshcaller" });
  const eventSourceARN = process.env["COVERAGE_QUEUE_ARN"];
  await handler({ Records: [{ messageId: "1", body, eventSourceARN }] } as SQSEvent);
}

/** Sweeps an account once with the real function, in a stage whose secret holds these API keys. */
async function sweep(connection: object): Promise<void> {
  secrets
    .on(GetSecretValueCommand)
    .resolves({ SecretString: JSON.stringify({ "11010177632": connection }) });
  table.on(QueryCommand).resolves({ Items: [] });
  const { handler } = await import("../../../functions/reconcile/handler.ts");
  const body = JSON.stringify({ kind: "sweep", accountId: "11010177632" });
  await handler(
    { Records: [{ body }] } as SQSEvent,
    {
      getRemainingTimeInMillis: () => 900_000,
    } as Context,
  );
}

/** Returns a line as it is in the log: Lambda does not nest a metric's line, since it is JSON already. */
function asWritten(line: LogLine): object {
  const text = String(line.message);
  return text.includes('"_aws"') ? (JSON.parse(text) as object) : line;
}

/** Returns log lines by log and situation, as the real functions and the deployed access log format write them. */
export async function logSamples(): Promise<ReadonlyMap<string, readonly object[]>> {
  const lines = new Map<string, readonly object[]>();
  for (const status of ["200", "400", "401", "403", "429", "503"]) {
    lines.set(`access: ${status}`, [accessLine(status, "31")]);
  }
  lines.set("access: slow", [accessLine("200", "2500")]);
  lines.set("access: very slow", [accessLine("200", "10031")]);
  const record = async (situation: string, action: () => Promise<unknown>) => {
    lines.set(situation, (await loggedBy(action)).map(asWritten));
    resetAws();
  };
  await record("ingest: an event", async () => await post(aRequest(aPayload())));
  const events = [aPayload(), aPayload({ agent: { updated_at: "yesterday" } })];
  await record("ingest: an invalid event in a batch", async () => await post(aRequest({ events })));
  await record(
    "ingest: a previous key",
    async () => await post(aRequest(aPayload(), { key: PREVIOUS_KEY })),
  );
  await record(
    "ingest: customStatuses wrongly on",
    async () =>
      await post(aRequest(anAgentPayload({ modelChanges: { available: [false, true] } }))),
  );
  await record(
    "ingest: customStatuses wrongly off",
    async () =>
      await post(
        aRequest(aPayload({ agent: { account_id: 77 } }), {
          accountId: ACCOUNT_WITHOUT_CUSTOM_STATUSES,
        }),
      ),
  );
  await record(
    "ingest: an agent update that cannot be parsed",
    async () => await post(aRequest(anAgentPayload({ login: "yes" }))),
  );
  await record(
    "ingest: an invalid signature",
    async () => await post(aRequest(aPayload(), { key: WRONG_KEY })),
  );
  await record(
    "ingest: an unknown account",
    async () => await post(aRequest(aPayload(), { accountId: "4711" })),
  );
  await record(
    "ingest: an account mismatch",
    async () => await post(aRequest(aPayload({ agent: { account_id: 42 } }))),
  );
  await record("ingest: an invalid event", async () => await post(aRequest({ data: {} })));
  table.on(UpdateItemCommand).rejects(rejection("ValidationException"));
  await record("ingest: a rejected item", async () => await post(aRequest(aPayload())));
  table.on(UpdateItemCommand).rejects(rejection("AccessDeniedException"));
  await record("ingest: an unavailable table", async () => await post(aRequest(aPayload())));
  // The copy of the keys must be refreshed, but is still usable.
  jest.spyOn(Date, "now").mockReturnValue(Date.now() + 2 * 60_000);
  secrets.on(GetSecretValueCommand).rejects(new Error("no"));
  await record("ingest: unavailable signing keys", async () => await post(aRequest(aPayload())));
  await record("publisher: a batch", async () => await publish(anOutboxRecord()));
  bus.on(PutEventsCommand).rejects(rejection("InternalException"));
  await record("publisher: an unavailable bus", async () => await publish(anOutboxRecord()));
  const unreadable = anOutboxRecord({ after: anImage({ version: { S: "seven" } }) });
  await record("publisher: a dead letter", async () => await publish(unreadable));
  table.on(QueryCommand).rejects(rejection("AccessDeniedException"));
  await record("board: an unavailable table", async () => await viewBoard());
  const { api } = await aFreshdesk([aFreshdeskAgent(1)]);
  // The functions read their environment when they are imported.
  Object.assign(process.env, {
    HISTORY_TABLE_NAME: "history",
    HISTORY_DAYS: "90",
    STATE_TABLE_NAME: "sweeps",
    API_KEYS_SECRET_ARN: "arn:api-keys",
    QUEUE_URL: "https://sqs/sweeps",
    STATUS_LIMITS: "[]",
    COVERAGE: JSON.stringify([{ channel: "freshcaller", minimum: 1 }]),
    COVERAGE_TABLE_NAME: "coverage",
    COVERAGE_QUEUE_ARN: "arn:aws:sqs:eu-central-1:123456789012:coverage",
    LOCAL_FRESHDESK_ORIGIN: api.origin,
  });
  table.on(BatchWriteItemCommand).rejects(rejection("AccessDeniedException"));
  await record("history: an unavailable table", async () => await storeInHistory(anOutboxRecord()));
  table.on(GetItemCommand).rejects(rejection("AccessDeniedException"));
  await record("supervision: an unavailable table", async () => await evaluateCoverage());
  const acme = { domain: DOMAIN, apiKey: ADMIN_KEY };
  await record("reconcile: a sweep", async () => {
    await sweep(acme);
  });
  await record("reconcile: a rejected API key", async () => {
    await sweep({ ...acme, apiKey: "revoked" });
  });
  await record("reconcile: a malformed API key", async () => {
    await sweep({ ...acme, domain: "acme.example" });
  });
  await api.close();
  // Lambda logs uncaught errors like this.
  const uncaught = { level: "ERROR", message: { errorType: "Error", errorMessage: "no" } };
  lines.set("ingest: an uncaught error", [uncaught]);
  lines.set("publisher: an uncaught error", [uncaught]);
  lines.set("reconcile: an uncaught error", [uncaught]);
  return lines;
}
