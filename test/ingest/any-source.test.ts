import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { beforeAll, expect, it, jest } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import type { handler as Handler } from "../../functions/ingest/handler.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { aContext, aRequest, KEY } from "../../tools/fakes/request.ts";
import { aSecretText } from "../../tools/fakes/signing-keys.ts";

const table = mockClient(DynamoDBClient);
const secrets = mockClient(SecretsManagerClient);

let handler: typeof Handler;

beforeAll(async () => {
  jest.spyOn(console, "info").mockImplementation(() => undefined);
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  Object.assign(process.env, {
    STAGE: "test",
    TABLE_NAME: "agents",
    SIGNING_KEYS_SECRET_ARN: "arn:keys",
    ALLOWED_SOURCES: "",
    POWERTOOLS_DEV: "true",
    AWS_REGION: "us-east-1",
  });
  secrets
    .on(GetSecretValueCommand)
    .resolves({ SecretString: aSecretText({ "11010177632": [KEY] }) });
  table.on(UpdateItemCommand).resolves({ Attributes: { version: { N: "1" } } });
  ({ handler } = await import("../../functions/ingest/handler.ts"));
});

it.each(["1.1.1.1", "2001:db9::1"])(
  "takes a signed request from %s on a stage that lists no sources",
  async (sourceIp) => {
    const answer = await handler(aRequest(aPayload(), { sourceIp }), aContext());

    expect(answer.statusCode).toBe(200);
  },
);
