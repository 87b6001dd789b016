import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import type { Context } from "aws-lambda";

import type { handler as Handler } from "../../functions/publisher/handler.ts";
import { anOutboxRecord } from "../../tools/fakes/outbox-record.ts";

/** Two tries of a call, 3 seconds each, and twice that, since a record is tried twice; and a busy machine. */
const LONGEST_MS = 25_000;

let blackHole: Server;
let handler: typeof Handler;
let requests = 0;

beforeAll(async () => {
  jest.spyOn(console, "info").mockImplementation(() => undefined);
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  // Takes every request, and never answers.
  blackHole = createServer(() => {
    requests += 1;
  });
  await new Promise<void>((resolve) => {
    blackHole.listen(0, "127.0.0.1", resolve);
  });
  Object.assign(process.env, {
    STAGE: "test",
    BUS_NAME: "a-bus",
    SET_ASIDE_QUEUE_URL: "https://sqs/set-aside",
    PERSONAL_DATA_IN_EVENTS: "false",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_ENDPOINT_URL_EVENTBRIDGE: `http://127.0.0.1:${(blackHole.address() as AddressInfo).port}`,
  });
  ({ handler } = await import("../../functions/publisher/handler.ts"));
}, 20_000);

afterAll(() => {
  blackHole.closeAllConnections();
  blackHole.close();
  jest.restoreAllMocks();
});

it("gives up a bus that never answers long before its own time is over, and the record comes again", async () => {
  const started = performance.now();

  const { batchItemFailures: failures } = await handler({ Records: [anOutboxRecord()] }, {
    getRemainingTimeInMillis: () => 60_000,
  } as Context);

  expect(failures).toEqual([{ itemIdentifier: "1" }]);
  expect(performance.now() - started).toBeLessThan(LONGEST_MS);
  expect(requests).toBeGreaterThan(1);
}, 70_000);
