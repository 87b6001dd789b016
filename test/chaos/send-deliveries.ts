import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import * as z from "zod";

import type { Attempt, Delivery } from "./delivery.ts";
import type { Random } from "./seeded-random.ts";

/** The ingest API, with the account and the key for requests to it. */
export interface Target {
  readonly ingestUrl: string;
  readonly accountId: string;
  /** Returns the current signing key, which may be rotated between two requests. */
  readonly signingKey: () => string;
  /** Returns the time of the hub's clock in epoch milliseconds. */
  readonly now: () => number;
}

/** The Freshworks platform's timeout for a request of the relay. */
const REQUEST_TIMEOUT_MS = 15_000;

/** Pause before a failed delivery is sent again. The relay waits for minutes. */
const RETRY_DELAY_MS = 150;

/** Share of failed deliveries that are never sent again: an event without a 200 response may be lost. */
const ABANDONED_SHARE = 0.03;

const responseSchema = z.object({
  results: z.array(z.object({ outcome: z.string(), version: z.number() })),
});

function signedHeaders({ signingKey, now }: Target, id: string, body: string) {
  const timestamp = String(Math.floor(now() / 1000));
  const key = Buffer.from(signingKey().slice("whsec_".length), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${mac}`,
    "x-relay-version": "chaos",
  };
}

function resultsIn(text: string): Attempt["results"] {
  try {
    return responseSchema.parse(JSON.parse(text)).results;
  } catch {
    // The verifier reports a 200 response without results.
    return [];
  }
}

/** Sends a delivery once. */
export async function attempt(target: Target, delivery: Delivery): Promise<Attempt> {
  const { id, payloads, isBatch } = delivery;
  const body = JSON.stringify(isBatch ? { events: payloads } : payloads[0]);
  const url = `${target.ingestUrl}/v1/accounts/${target.accountId}/availability-events`;
  const started = performance.now();
  const milliseconds = () => performance.now() - started;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: signedHeaders(target, id, body),
      body,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    const results = response.status === 200 ? resultsIn(text) : [];
    return { status: response.status, milliseconds: milliseconds(), results };
  } catch {
    return { status: 0, milliseconds: milliseconds(), results: [] };
  }
}

/** The speed of sending, its randomness, and its end. */
export interface SendOptions {
  /** Number of concurrent senders. @default 4 */
  readonly senders?: number;
  /** Pause of a sender between two requests. @default 0 */
  readonly pauseMs?: number;
  readonly random: Random;
  /** Stops sending, whether or not all deliveries succeeded. */
  readonly signal: AbortSignal;
}

/** Statuses after which the relay drops an event. */
const FINAL_STATUSES = new Set([400, 404, 413]);

/** Sends each delivery until its response is 200 or final. A few failed deliveries are abandoned. */
export async function sendDeliveries(
  target: Target,
  deliveries: readonly Delivery[],
  { senders = 4, pauseMs = 0, random, signal }: SendOptions,
): Promise<void> {
  const queue = [...deliveries];
  let inFlight = 0;

  async function deliver(delivery: Delivery): Promise<void> {
    const latest = await attempt(target, delivery);
    delivery.attempts.push(latest);
    if (
      latest.status !== 200 &&
      !FINAL_STATUSES.has(latest.status) &&
      random.next() >= ABANDONED_SHARE
    ) {
      await sleep(RETRY_DELAY_MS);
      queue.push(delivery);
    }
  }

  async function sender(): Promise<void> {
    while ((queue.length > 0 || inFlight > 0) && !signal.aborted) {
      const next = queue.shift();
      inFlight += next ? 1 : 0;
      await (next ? deliver(next) : sleep(20));
      inFlight -= next ? 1 : 0;
      await sleep(pauseMs);
    }
  }

  await Promise.all(Array.from({ length: senders }, sender));
}
