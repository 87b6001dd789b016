import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import * as z from "zod";

import type { Attempt, Delivery } from "./history.ts";
import type { Chance } from "./random.ts";

/** Who sends, and where to. */
export interface SenderOptions {
  readonly ingestUrl: string;
  readonly accountId: string;
  /** The key to sign with; asked for at each request, since it may be rotated. */
  readonly signingKey: () => string;
  /** Epoch milliseconds, as the hub's own clock has them. */
  readonly now: () => number;
}

/** The platform's own limit on a request of the relay. */
const WAITS_MS = 15_000;

/** Before a delivery that was not taken is sent again. The relay takes minutes. */
const PARKED_MS = 150;

/** How often a delivery that was refused is never sent again: what was not answered 200 may be lost. */
const ABANDONED = 0.03;

const answerSchema = z.object({
  results: z.array(z.object({ outcome: z.string(), version: z.number() })),
});

function signed({ signingKey, now }: SenderOptions, id: string, body: string) {
  const timestamp = String(Math.floor(now() / 1000));
  const key = Buffer.from(signingKey().slice("whsec_".length), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${mac}`,
    "x-relay-version": "fire",
  };
}

function resultsIn(text: string): Attempt["results"] {
  try {
    return answerSchema.parse(JSON.parse(text)).results;
  } catch {
    // An answer of 200 without results is not one: the verifier holds it against the hub.
    return [];
  }
}

/** Sends a delivery once. */
export async function attempt(options: SenderOptions, delivery: Delivery): Promise<Attempt> {
  const { id, payloads, isList } = delivery;
  const body = JSON.stringify(isList ? { events: payloads } : payloads[0]);
  const url = `${options.ingestUrl}/v1/accounts/${options.accountId}/availability-events`;
  const started = performance.now();
  const milliseconds = () => performance.now() - started;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: signed(options, id, body),
      body,
      signal: AbortSignal.timeout(WAITS_MS),
    });
    const text = await response.text();
    const results = response.status === 200 ? resultsIn(text) : [];
    return { status: response.status, milliseconds: milliseconds(), results };
  } catch {
    return { status: 0, milliseconds: milliseconds(), results: [] };
  }
}

/** How deliveries are sent. */
export interface SendingOptions {
  /** Side by side. @default 4 */
  readonly senders?: number;
  /** Milliseconds between two of a sender's requests. @default 0 */
  readonly pace?: number;
  readonly chance: Chance;
  /** Gives up what is not answered by then. */
  readonly signal: AbortSignal;
}

/** Answers after which the relay sends no second time: it is told that the hub will never take it. */
const FINAL = new Set([400, 404, 413]);

/** Sends deliveries until each is answered 200, or refused for good, or, of some, given up. */
export async function sendAll(
  options: SenderOptions,
  deliveries: readonly Delivery[],
  { senders = 4, pace = 0, chance, signal }: SendingOptions,
): Promise<void> {
  const waiting = [...deliveries];
  let underWay = 0;

  async function deliver(delivery: Delivery): Promise<void> {
    const made = await attempt(options, delivery);
    delivery.attempts.push(made);
    if (made.status !== 200 && !FINAL.has(made.status) && chance.next() >= ABANDONED) {
      await sleep(PARKED_MS);
      waiting.push(delivery);
    }
  }

  async function sender(): Promise<void> {
    while ((waiting.length > 0 || underWay > 0) && !signal.aborted) {
      const next = waiting.shift();
      underWay += next ? 1 : 0;
      await (next ? deliver(next) : sleep(20));
      underWay -= next ? 1 : 0;
      await sleep(pace);
    }
  }

  await Promise.all(Array.from({ length: senders }, sender));
}
