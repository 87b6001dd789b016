import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import type { Cloud } from "../../local/emulator/cloud.ts";

/** The result of one event, as the ingest API returns it. */
export interface PostResult {
  readonly outcome: string;
  readonly version: number;
}

const RETRY_INTERVAL_MS = 500;
const MAX_ATTEMPTS = 60;

/**
 * Posts payloads to the hub in one batch, signed with the sample account's key. Retries 503 as the relay
 * does: on a busy machine, the emulator may respond too late to ingest.
 *
 * @throws Error if the response is neither 200 nor 503.
 */
export async function post(
  { ingestUrl, accounts }: Cloud,
  payloads: readonly object[],
): Promise<readonly PostResult[]> {
  const { accountId = "", signingKey = "" } = accounts[0] ?? {};
  const [id, text] = [randomUUID(), JSON.stringify({ events: payloads })];
  const secret = Buffer.from(signingKey.slice("whsec_".length), "base64");
  for (let attempt = 1; ; attempt += 1) {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const mac = createHmac("sha256", secret).update(`${id}.${timestamp}.${text}`).digest("base64");
    const response = await fetch(`${ingestUrl}/v1/accounts/${accountId}/availability-events`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${mac}`,
      },
      body: text,
    });
    if (response.status === 200) {
      return ((await response.json()) as { results: readonly PostResult[] }).results;
    }
    if (response.status !== 503 || attempt === MAX_ATTEMPTS) {
      throw new Error(`the hub responded ${response.status}: ${await response.text()}`);
    }
    await response.body?.cancel();
    await sleep(RETRY_INTERVAL_MS);
  }
}
