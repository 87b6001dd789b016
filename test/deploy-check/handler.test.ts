import {
  CodeDeployClient,
  PutLifecycleEventHookExecutionStatusCommand,
} from "@aws-sdk/client-codedeploy";
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, type InvokeCommandInput, LambdaClient } from "@aws-sdk/client-lambda";
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import type { handler as Handler } from "../../functions/deploy-check/handler.ts";
import type { handler as Ingest } from "../../functions/ingest/handler.ts";
import type { Request } from "../../functions/ingest/request.ts";
import { aContext, aRequest, KEY } from "../../tools/fakes/request.ts";
import { aSecretText } from "../../tools/fakes/signing-keys.ts";

const PING_KEY = "whsec_cGluZy1waW5nLXBpbmctcGluZy1waW5n";

const table = mockClient(DynamoDBClient);
const secrets = mockClient(SecretsManagerClient);
const lambda = mockClient(LambdaClient);
const codeDeploy = mockClient(CodeDeployClient);

let handler: typeof Handler;
let ingest: typeof Ingest;
let lines: string[];

const hook = { DeploymentId: "d-1", LifecycleEventHookExecutionId: "execution-1" };

/** The reports to CodeDeploy. */
const reports = () =>
  codeDeploy
    .commandCalls(PutLifecycleEventHookExecutionStatusCommand)
    .map((call) => call.args[0].input);

const requestIn = ({ Payload: payload }: InvokeCommandInput) =>
  JSON.parse(payload as string) as Request;

const requests = () =>
  lambda.commandCalls(InvokeCommand).map((call) => requestIn(call.args[0].input));

/** Makes the new version respond as given when Lambda invokes it. */
function newVersion(respond: (request: Request) => unknown): void {
  lambda.on(InvokeCommand).callsFake(async (input: InvokeCommandInput) => ({
    Payload: Buffer.from(JSON.stringify(await respond(requestIn(input)))),
  }));
}

/** The ID of the first ping, which has an unknown key. */
const first = () => requests()[0]?.requestContext.requestId;

const ok = { statusCode: 200, body: '{"results":[]}' };
const rejected = { statusCode: 401, body: "{}" };

/** Returns the number of requests of old relays that ingest counted. Metrics are log lines. */
const oldRelays = () => lines.filter((line) => line.includes("OldRelayVersion")).length;

function secretHolds(keys: Readonly<Record<string, readonly string[]>>): void {
  secrets.on(GetSecretValueCommand).resolves({ SecretString: aSecretText(keys) });
}

beforeAll(async () => {
  Object.assign(process.env, {
    STAGE: "test",
    TABLE_NAME: "agents",
    VERSION_ARN: "arn:aws:lambda:eu-central-1:123456789012:function:ingest:7",
    SIGNING_KEYS_SECRET_ARN: "arn:keys",
    ALLOWED_SOURCES: "18.233.117.211/32 2001:db8::/32",
    POWERTOOLS_DEV: "true",
    POWERTOOLS_METRICS_DISABLED: "false",
    AWS_REGION: "us-east-1",
  });
  table.on(UpdateItemCommand).resolves({});
  secretHolds({ "11010177632": [KEY], _ping: [PING_KEY] });
  ({ handler: ingest } = await import("../../functions/ingest/handler.ts"));
  ({ handler } = await import("../../functions/deploy-check/handler.ts"));
});

beforeEach(() => {
  lambda.reset();
  codeDeploy.reset();
  codeDeploy.on(PutLifecycleEventHookExecutionStatusCommand).resolves({});
  secretHolds({ "11010177632": [KEY], _ping: [PING_KEY] });
  lines = [];
  for (const level of ["log", "info", "error"] as const) {
    jest.spyOn(console, level).mockImplementation((line: unknown) => {
      lines.push(JSON.stringify(line));
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe("a new version of ingest", () => {
  it("passes if it responds like ingest in this repository", async () => {
    newVersion((request) => ingest(request, aContext()));

    await handler(hook);

    expect(reports()).toEqual([
      {
        deploymentId: "d-1",
        lifecycleEventHookExecutionId: "execution-1",
        status: "Succeeded",
      },
    ]);
  });

  it("is named in the log with its deployment if it passes", async () => {
    const log = jest.spyOn(console, "info");
    newVersion((request) => (request.requestContext.requestId === first() ? rejected : ok));

    await handler(hook);

    expect(log).toHaveBeenCalledTimes(1);
    expect(log).toHaveBeenCalledWith({
      message: "the new version passed the check",
      deploymentId: "d-1",
      version: "arn:aws:lambda:eu-central-1:123456789012:function:ingest:7",
    });
  });

  it("does not count the check's ping as a request of an old relay, which would raise an alarm", async () => {
    newVersion((request) => ingest(request, aContext()));

    await handler(hook);
    expect(requests()).toHaveLength(2);
    expect(oldRelays()).toBe(0);

    const old = { sourceIp: "18.233.117.211", headers: { "x-relay-version": "0.9.0" } };
    await ingest(aRequest({ events: [] }, old), aContext());
    expect(oldRelays()).toBe(1);
  });

  it("is invoked by its version number, never by the alias", async () => {
    newVersion(() => ok);

    await handler(hook);

    const invoked = lambda
      .commandCalls(InvokeCommand)
      .map((call) => call.args[0].input.FunctionName);
    expect(invoked).toEqual([
      "arn:aws:lambda:eu-central-1:123456789012:function:ingest:7",
      "arn:aws:lambda:eu-central-1:123456789012:function:ingest:7",
    ]);
  });

  it("receives pings of the ping account without events, from an address that the stage allows", async () => {
    newVersion(() => ok);

    await handler(hook);

    for (const request of requests()) {
      expect(request.requestContext.http.sourceIp).toBe("18.233.117.211");
      expect(request.pathParameters).toEqual({ accountId: "_ping" });
      expect(request.body).toBe('{"events":[]}');
    }
  });

  it.each([
    [
      "accepts every request",
      () => ok,
      'the response to a ping with an unknown key must be 401 (got 200 {"results":[]})',
    ],
    [
      "rejects every request",
      () => rejected,
      'the response to a ping with the ping account\'s key must be 200 {"results":[]} (got 401)',
    ],
    [
      "cannot fetch the keys",
      () => ({ statusCode: 503, body: "{}" }),
      "the response to a ping with an unknown key must be 401 (got 503)",
    ],
    [
      "responds with another body",
      () => ({ statusCode: 200, body: "{}" }),
      'the response to a ping with the ping account\'s key must be 200 {"results":[]} (got 200 {})',
    ],
    [
      "does not respond",
      () => null,
      "the response to a ping with an unknown key must be 401 (got no response)",
    ],
  ])("fails if it %s, and the log names the cause", async (_, respond, cause) => {
    newVersion(respond);

    await handler(hook);

    expect(reports()).toMatchObject([{ status: "Failed" }]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("the new version failed the check");
    expect(lines[0]).toContain(JSON.stringify(cause));
  });

  it("fails if it cannot start", async () => {
    lambda.on(InvokeCommand).resolves({
      FunctionError: "Unhandled",
      Payload: Buffer.from('{"errorMessage":"TABLE_NAME is missing"}') as never,
    });

    await handler(hook);

    expect(reports()).toMatchObject([{ status: "Failed" }]);
    expect(lines[0]).toContain("TABLE_NAME is missing");
    expect(lines[0]).toContain('"deploymentId":"d-1"');
  });

  it("fails with the first 500 characters of its error", async () => {
    lambda.on(InvokeCommand).resolves({
      FunctionError: "Unhandled",
      Payload: Buffer.from(`${"x".repeat(500)}y`) as never,
    });

    await handler(hook);

    expect(lines[0]).toContain(`"Error: the new version failed: Unhandled ${"x".repeat(500)}"`);
  });

  it("fails if its response is empty", async () => {
    lambda.on(InvokeCommand).resolves({});

    await handler(hook);

    expect(reports()).toMatchObject([{ status: "Failed" }]);
    expect(lines[0]).toContain("Unexpected end of JSON input");
  });

  it.each([
    ["it may not be invoked", () => lambda.on(InvokeCommand).rejects(new Error("not authorized"))],
    ["the keys cannot be read", () => secrets.on(GetSecretValueCommand).rejects()],
  ])("fails if %s, because nothing shows that it works", async (_, fail) => {
    newVersion(() => ok);
    fail();

    await handler(hook);

    expect(reports()).toMatchObject([{ status: "Failed" }]);
  });
});

describe("a stage", () => {
  it("without any account is checked with an unknown key only", async () => {
    secrets
      .on(GetSecretValueCommand)
      .rejects(new ResourceNotFoundException({ message: "no value", $metadata: {} }));
    newVersion(() => rejected);

    await handler(hook);

    expect(reports()).toMatchObject([{ status: "Succeeded" }]);
    expect(requests()).toHaveLength(1);
  });

  it("with accounts but without a key for the ping account rejects a new version", async () => {
    secretHolds({ "11010177632": [KEY] });
    newVersion(() => rejected);

    await handler(hook);

    expect(reports()).toMatchObject([{ status: "Failed" }]);
    expect(lines[0]).toContain('no usable key for the internal account \\"_ping\\"');
  });
});

it("fails if it cannot report to CodeDeploy, so that the deployment fails", async () => {
  newVersion((request) => ingest(request, aContext()));
  codeDeploy.on(PutLifecycleEventHookExecutionStatusCommand).rejects(new Error("no"));

  await expect(handler(hook)).rejects.toThrow("no");
});

it("logs no signing key", async () => {
  newVersion(() => rejected);

  await handler(hook);

  expect(lines.join("\n")).not.toContain(KEY.slice(6));
  expect(lines.join("\n")).not.toContain(PING_KEY.slice(6));
});
