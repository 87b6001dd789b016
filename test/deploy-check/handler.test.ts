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

/** What CodeDeploy was told. */
const told = () =>
  codeDeploy
    .commandCalls(PutLifecycleEventHookExecutionStatusCommand)
    .map((call) => call.args[0].input);

const requestIn = ({ Payload: payload }: InvokeCommandInput) =>
  JSON.parse(payload as string) as Request;

const requests = () =>
  lambda.commandCalls(InvokeCommand).map((call) => requestIn(call.args[0].input));

/** The new version is a function of what it is asked, as Lambda would call it. */
function newVersion(answer: (request: Request) => unknown): void {
  lambda.on(InvokeCommand).callsFake(async (input: InvokeCommandInput) => ({
    Payload: Buffer.from(JSON.stringify(await answer(requestIn(input)))),
  }));
}

const ok = { statusCode: 200, body: '{"results":[]}' };
const refused = { statusCode: 401, body: "{}" };

/** How many old relays the ingest handler has counted; it writes metrics as lines. */
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
  it("gets traffic when it answers as the one of this release does", async () => {
    newVersion((request) => ingest(request, aContext()));

    await handler(hook);

    expect(told()).toEqual([
      {
        deploymentId: "d-1",
        lifecycleEventHookExecutionId: "execution-1",
        status: "Succeeded",
      },
    ]);
  });

  it("does not take the ping that it is tried with for an old relay, whose alarm would then go off with each release", async () => {
    newVersion((request) => ingest(request, aContext()));

    await handler(hook);
    expect(requests()).toHaveLength(2);
    expect(oldRelays()).toBe(0);

    const old = { sourceIp: "18.233.117.211", headers: { "x-relay-version": "0.9.0" } };
    await ingest(aRequest({ events: [] }, old), aContext());
    expect(oldRelays()).toBe(1);
  });

  it("is asked by its own version, and never by the alias", async () => {
    newVersion(() => ok);

    await handler(hook);

    const asked = lambda.commandCalls(InvokeCommand).map((call) => call.args[0].input.FunctionName);
    expect(asked).toEqual([
      "arn:aws:lambda:eu-central-1:123456789012:function:ingest:7",
      "arn:aws:lambda:eu-central-1:123456789012:function:ingest:7",
    ]);
  });

  it("is asked from an address that the stage allows, for the reserved account, with nothing to store", async () => {
    newVersion(() => ok);

    await handler(hook);

    for (const request of requests()) {
      expect(request.requestContext.http.sourceIp).toBe("18.233.117.211");
      expect(request.pathParameters).toEqual({ accountId: "_ping" });
      expect(request.body).toBe('{"events":[]}');
    }
  });

  it.each([
    ["lets everybody in", () => ok, 'a stranger got 200 {"results":[]} and not 401'],
    ["lets nobody in", () => refused, 'a signed ping got 401 and not 200 {\\"results\\":[]}'],
    ["cannot reach the keys", () => ({ statusCode: 503, body: "{}" }), "a stranger got 503"],
    ["answers something else", () => ({ statusCode: 200, body: "{}" }), "a signed ping got 200 {}"],
    ["answers nothing", () => null, "a stranger got no answer and not 401"],
  ])("that %s gets none, and the log says why", async (_, answer, why) => {
    newVersion(answer);

    await handler(hook);

    expect(told()).toMatchObject([{ status: "Failed" }]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("the new version gets no traffic");
    expect(lines[0]).toContain(why.includes("\\") ? why : JSON.stringify(why).slice(1, -1));
  });

  it("that fails at its start gets none", async () => {
    lambda.on(InvokeCommand).resolves({
      FunctionError: "Unhandled",
      Payload: Buffer.from('{"errorMessage":"TABLE_NAME is missing"}') as never,
    });

    await handler(hook);

    expect(told()).toMatchObject([{ status: "Failed" }]);
    expect(lines[0]).toContain("TABLE_NAME is missing");
  });

  it.each([
    ["may not be called", () => lambda.on(InvokeCommand).rejects(new Error("not authorized"))],
    ["is tried where the keys cannot be read", () => secrets.on(GetSecretValueCommand).rejects()],
  ])("that %s gets none, since nobody knows that it is sound", async (_, fail) => {
    newVersion(() => ok);
    fail();

    await handler(hook);

    expect(told()).toMatchObject([{ status: "Failed" }]);
  });
});

describe("a stage", () => {
  it("without any account is tried with a stranger only: there is nobody to let in", async () => {
    secrets
      .on(GetSecretValueCommand)
      .rejects(new ResourceNotFoundException({ message: "no value", $metadata: {} }));
    newVersion(() => refused);

    await handler(hook);

    expect(told()).toMatchObject([{ status: "Succeeded" }]);
    expect(requests()).toHaveLength(1);
  });

  it("with accounts, but no key to ping with, gets no new version unseen", async () => {
    secretHolds({ "11010177632": [KEY] });
    newVersion(() => refused);

    await handler(hook);

    expect(told()).toMatchObject([{ status: "Failed" }]);
    expect(lines[0]).toContain("no key of _ping");
  });
});

it("fails where CodeDeploy cannot be told, so that the deployment ends in time and not in success", async () => {
  newVersion((request) => ingest(request, aContext()));
  codeDeploy.on(PutLifecycleEventHookExecutionStatusCommand).rejects(new Error("no"));

  await expect(handler(hook)).rejects.toThrow("no");
});

it("logs no key", async () => {
  newVersion(() => refused);

  await handler(hook);

  expect(lines.join("\n")).not.toContain(KEY.slice(6));
  expect(lines.join("\n")).not.toContain(PING_KEY.slice(6));
});
