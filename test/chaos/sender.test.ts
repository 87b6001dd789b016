import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { Webhook } from "standardwebhooks";

import type { Delivery } from "./history.ts";
import { sendAll } from "./sender.ts";

const KEY = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

let server: Server;
let seen: { headers: IncomingMessage["headers"]; body: string }[];
/** What is answered, the first to the first request; then 200. */
let statuses: number[];

beforeEach(async () => {
  seen = [];
  server = createServer((incoming, response) => {
    void (async () => {
      seen.push({ headers: incoming.headers, body: (await buffer(incoming)).toString() });
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

const aDelivery = (): Delivery => ({ id: "d1", payloads: [{ a: 1 }], isList: false, attempts: [] });

async function send(delivery: Delivery, chance: number): Promise<void> {
  const { port } = server.address() as AddressInfo;
  await sendAll(
    {
      ingestUrl: `http://127.0.0.1:${port}`,
      accountId: "42",
      signingKey: () => KEY,
      now: Date.now,
    },
    [delivery],
    {
      chance: { next: () => chance, below: () => 0, pick: ([first]) => first },
      signal: AbortSignal.timeout(5000),
    },
  );
}

it("sends again, under the same id and signed anew, until it is answered 200", async () => {
  statuses = [503, 401, 502];
  const delivery = aDelivery();

  await send(delivery, 0.5);

  expect(delivery.attempts.map(({ status }) => status)).toEqual([503, 401, 502, 200]);
  expect(delivery.attempts.at(-1)?.results).toEqual([{ outcome: "applied", version: 3 }]);
  expect(new Set(seen.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set(["d1"]));
  for (const { headers, body } of seen) {
    expect(new Webhook(KEY).verify(body, headers as Record<string, string>)).toEqual({ a: 1 });
  }
});

it.each([400, 404, 413])("takes %d as a refusal for good, as the relay does", async (status) => {
  statuses = [status];
  const delivery = aDelivery();

  await send(delivery, 0.5);

  expect(delivery.attempts.map((each) => each.status)).toEqual([status]);
});

it("gives up a few of those that are refused", async () => {
  statuses = [503];
  const delivery = aDelivery();

  await send(delivery, 0.01);

  expect(delivery.attempts).toHaveLength(1);
});
