import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import type { handler as Handler } from "../../functions/ingest/handler.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { aContext, aRequest, KEY } from "../../tools/fakes/request.ts";
import { aSecretText } from "../../tools/fakes/signing-keys.ts";

/** The relay tries a second time at once only if the first try ended within this time. */
const RELAY_PATIENCE_MS = 4000;

let blackHole: Server;
let keyStore: Server;
let handler: typeof Handler;
let keysAnswer = true;

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
  // Takes every request, and never answers.
  blackHole = await listening(createServer(() => undefined));
  keyStore = await listening(
    createServer((request, response) => {
      request.resume();
      if (keysAnswer) {
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
    AWS_ENDPOINT_URL_DYNAMODB: urlOf(blackHole),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: urlOf(keyStore),
  });
  ({ handler } = await import("../../functions/ingest/handler.ts"));
}, 20_000);

afterAll(() => {
  for (const server of [blackHole, keyStore]) {
    server.closeAllConnections();
    server.close();
  }
  jest.restoreAllMocks();
});

describe("ingest, with real clients and a network that swallows what it gets", () => {
  it("answers 503 within the relay's patience when the table never answers", async () => {
    const started = performance.now();

    const answer = await handler(aRequest(aPayload()), aContext());

    expect(answer.statusCode).toBe(503);
    expect(performance.now() - started).toBeLessThan(RELAY_PATIENCE_MS);
  }, 10_000);

  it("answers 503 within the relay's patience for a list of 50 as well", async () => {
    const events = Array.from({ length: 50 }, (_, index) => aPayload({ agent: { id: index % 5 } }));
    const started = performance.now();

    const answer = await handler(aRequest({ events }), aContext());

    expect(answer.statusCode).toBe(503);
    expect(performance.now() - started).toBeLessThan(RELAY_PATIENCE_MS);
  }, 10_000);

  it("answers 503 within the relay's patience when the keys' store stops answering, too", async () => {
    keysAnswer = false;
    const now = Date.now();
    jest.spyOn(Date, "now").mockImplementation(() => now + 301_000);
    const started = performance.now();

    const answer = await handler(aRequest(aPayload()), aContext());

    expect(answer.statusCode).toBe(503);
    expect(performance.now() - started).toBeLessThan(RELAY_PATIENCE_MS);
  }, 10_000);
});
