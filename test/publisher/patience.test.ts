import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import type { Context } from "aws-lambda";

import type { handler as Handler } from "../../functions/publisher/handler.ts";
import { anOutboxRecord } from "../../tools/fakes/outbox-record.ts";

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
    DEAD_LETTER_QUEUE_URL: "https://sqs/dead-letters",
    PERSONAL_DATA_IN_EVENTS: "false",
    POWERTOOLS_METRICS_DISABLED: "true",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_ENDPOINT_URL_EVENTBRIDGE: `http://127.0.0.1:${(blackHole.address() as AddressInfo).port}`,
  });
  ({ handler } = await import("../../functions/publisher/handler.ts"));
});

afterAll(() => {
  blackHole.closeAllConnections();
  blackHole.close();
  jest.restoreAllMocks();
});

it("gives up each of four calls that the bus never answers, without waiting for the end of its own time, and reports the record", async () => {
  const { batchItemFailures: failures } = await handler({ Records: [anOutboxRecord()] }, {
    // Far beyond the end of this test, so that only the limits of the calls can end it.
    getRemainingTimeInMillis: () => 3_600_000,
  } as Context);

  expect(failures).toEqual([{ itemIdentifier: "1" }]);
  expect(requests).toBe(4);
});
