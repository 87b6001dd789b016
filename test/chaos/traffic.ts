import type { Delivery } from "./delivery.ts";
import type { Account, Environment } from "./environment.ts";
import { type HistoryOptions, randomHistory } from "./random-history.ts";
import type { Random } from "./seeded-random.ts";
import { sendDeliveries } from "./send-deliveries.ts";

/** Timeout for one history: a burst takes minutes. */
const SENDING_TIMEOUT_MS = 600_000;

/** The speed of sending. */
export interface Pace {
  /** Number of concurrent senders. @default 4 */
  readonly senders?: number;
  /** Pause of a sender between two requests. @default 0 */
  readonly pauseMs?: number;
}

/** Options of a random history, and the speed at which it is sent. */
export type HistoryToSend = Partial<Omit<HistoryOptions, "accountId">> & Pace;

interface TrafficOptions {
  readonly environment: Environment;
  readonly account: Account;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Sends a scenario's events to the hub, and keeps every delivery with its responses. */
export function createTraffic({ environment, account, random, signal }: TrafficOptions) {
  const deliveries: Delivery[] = [];
  let { signingKey } = account;
  let sendingMs = 0;
  const target = {
    ingestUrl: environment.cloud.ingestUrl,
    accountId: account.accountId,
    signingKey: () => signingKey,
    now: environment.now,
  };

  /** Sends deliveries until each has a final response. */
  async function deliver(chosen: readonly Delivery[], pace: Pace = {}): Promise<void> {
    deliveries.push(...chosen);
    const timeout = AbortSignal.timeout(SENDING_TIMEOUT_MS);
    const started = performance.now();
    await sendDeliveries(target, chosen, {
      ...pace,
      random,
      signal: AbortSignal.any([signal, timeout]),
    });
    sendingMs += performance.now() - started;
  }

  return {
    /** All deliveries so far. */
    deliveries: deliveries as readonly Delivery[],
    deliver,
    /** Sends a random history of the account. */
    send: async ({ senders, pauseMs, ...history }: HistoryToSend = {}): Promise<void> => {
      const { accountId } = account;
      const pace = { ...(senders && { senders }), ...(pauseMs && { pauseMs }) };
      await deliver(randomHistory({ accountId, ...history }, random), pace);
    },
    /** Adds a delivery that something else sent, such as the relay app. */
    record: (delivery: Delivery): void => {
      deliveries.push(delivery);
    },
    /** Signs with another key from now on. */
    useSigningKey: (key: string): void => {
      signingKey = key;
    },
    /** Returns how long sending has taken in total. */
    sendingMs: () => sendingMs,
  };
}

export type Traffic = ReturnType<typeof createTraffic>;
