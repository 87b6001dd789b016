import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import type { handler as Handler } from "../../functions/ingest/handler.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { aContext, aRequest, KEY } from "../../tools/fakes/request.ts";
import { aSecretText } from "../../tools/fakes/signing-keys.ts";

/** The relay retries immediately only if its first request ended within this time. */
const RELAY_RETRY_WITHIN_MS = 4000;

let silentServer: Server;
let secretServer: Server;
let handler: typeof Handler;
let areKeysServed = true;

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function listening(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}

beforeAll(async () => {
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  jest.spyOn(console, "error").mockImplementation(() => undefined);
  // Accepts every request, and never responds.
  silentServer = await listening(createServer(() => undefined));
  secretServer = await listening(
    createServer((request, response) => {
      request.resume();
      if (areKeysServed) {
        response.setHeader("content-type", "application/x-amz-json-1.1");
        response.end(JSON.stringify({ SecretString: aSecretText({ "11010177632": [KEY] }) }));
      }
    }),
  );
  Object.assign(process.env, {
    STAGE: "test",
    TABLE_NAME: "agents",
    SIGNING_KEYS_SECRET_ARN: "arn:keys",
    ALLOWED_SOURCES: "",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_ENDPOINT_URL_DYNAMODB: urlOf(silentServer),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: urlOf(secretServer),
  });
  ({ handler } = await import("../../functions/ingest/handler.ts"));
});

afterAll(() => {
  for (const server of [silentServer, secretServer]) {
    server.closeAllConnections();
    server.close();
  }
  jest.restoreAllMocks();
});

/** Resolves to the status, or to "timeout" if the relay would no longer retry immediately. */
async function statusBeforeTimeout(body: unknown): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  // Both timers run in one event loop: a slow machine delays both, and their order stays.
  const timer = setTimeout(resolve, RELAY_RETRY_WITHIN_MS, "timeout");
  const respond = async () => {
    const { statusCode } = await handler(aRequest(body), aContext());
    return statusCode;
  };
  respond().then(resolve, resolve);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

describe("ingest with real clients and servers that do not respond", () => {
  it("returns 503 in time for the relay's retry if the table does not respond", async () => {
    expect(await statusBeforeTimeout(aPayload())).toBe(503);
  });

  it("returns 503 in time for the relay's retry for a batch of 50 events", async () => {
    const events = Array.from({ length: 50 }, (_, index) => aPayload({ agent: { id: index % 5 } }));

    expect(await statusBeforeTimeout({ events })).toBe(503);
  });

  it("returns 503 in time for the relay's retry if Secrets Manager does not respond", async () => {
    areKeysServed = false;
    const now = Date.now();
    jest.spyOn(Date, "now").mockImplementation(() => now + 301_000);

    expect(await statusBeforeTimeout(aPayload())).toBe(503);
  });
});
