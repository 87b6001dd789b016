import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { Webhook } from "standardwebhooks";

import type { Delivery } from "./delivery.ts";
import { sendDeliveries } from "./send-deliveries.ts";

const KEY = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

let server: Server;
let received: { headers: IncomingMessage["headers"]; body: string }[];
/** Statuses of the first responses; later ones are 200. */
let statuses: number[];

beforeEach(async () => {
  received = [];
  server = createServer((incoming, response) => {
    void (async () => {
      received.push({ headers: incoming.headers, body: (await buffer(incoming)).toString() });
      response.statusCode = statuses.shift() ?? 200;
      response.end('{"results":[{"availabilityId":"7","outcome":"applied","version":3}]}');
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
});

afterEach(() => {
  server.close();
});

const aDelivery = (): Delivery => ({
  id: "d1",
  payloads: [{ a: 1 }],
  isBatch: false,
  attempts: [],
});

async function send(delivery: Delivery, random: number): Promise<void> {
  const { port } = server.address() as AddressInfo;
  await sendDeliveries(
    {
      ingestUrl: `http://127.0.0.1:${port}`,
      accountId: "42",
      signingKey: () => KEY,
      now: Date.now,
    },
    [delivery],
    {
      random: { next: () => random, below: () => 0, pick: ([first]) => first },
      signal: new AbortController().signal,
    },
  );
}

it("retries with the same ID and a new signature until the response is 200", async () => {
  statuses = [503, 401, 502];
  const delivery = aDelivery();

  await send(delivery, 0.5);

  expect(delivery.attempts.map(({ status }) => status)).toEqual([503, 401, 502, 200]);
  expect(delivery.attempts.at(-1)?.results).toEqual([{ outcome: "applied", version: 3 }]);
  expect(new Set(received.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set(["d1"]));
  for (const { headers, body } of received) {
    expect(new Webhook(KEY).verify(body, headers as Record<string, string>)).toEqual({ a: 1 });
  }
});

it.each([400, 404, 413])("does not retry after status %d, like the relay", async (status) => {
  statuses = [status];
  const delivery = aDelivery();

  await send(delivery, 0.5);

  expect(delivery.attempts.map((each) => each.status)).toEqual([status]);
});

it("abandons a few failed deliveries", async () => {
  statuses = [503];
  const delivery = aDelivery();

  await send(delivery, 0.01);

  expect(delivery.attempts).toHaveLength(1);
});
