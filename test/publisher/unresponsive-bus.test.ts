import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import type { Context } from "aws-lambda";
import { type SinonFakeTimers, useFakeTimers } from "sinon";

import type { handler as Handler } from "../../functions/publisher/handler.ts";
import { anOutboxRecord } from "../../tools/fakes/outbox-record.ts";

/** How long a call waits for a response. */
const REQUEST_TIMEOUT_MS = 3000;

let clock: SinonFakeTimers | undefined;
let blackHole: Server;
let handler: typeof Handler;
let requests = 0;

beforeAll(async () => {
  jest.spyOn(console, "info").mockImplementation(() => undefined);
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  // Accepts every request and never responds. The clock immediately advances to the caller's timeout.
  blackHole = createServer(() => {
    requests += 1;
    clock?.tick(REQUEST_TIMEOUT_MS);
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

it("the publisher aborts each of its four calls to an unresponsive bus long before the invocation ends, and reports the record as failed", async () => {
  // The clock also advances in real time, for connections and pauses.
  clock = useFakeTimers({ shouldAdvanceTime: true, toFake: ["setTimeout", "clearTimeout"] });
  const { batchItemFailures: failures } = await handler({ Records: [anOutboxRecord()] }, {
    // Later than the end of this test, so that only the timeouts of the calls can end it.
    getRemainingTimeInMillis: () => 3_600_000,
  } as Context).finally(() => clock?.restore());

  expect(failures).toEqual([{ itemIdentifier: "1" }]);
  expect(requests).toBe(4);
});
