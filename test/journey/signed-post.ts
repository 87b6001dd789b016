import { createHmac, randomUUID } from "node:crypto";

import type { Cloud } from "../../local/emulator/cloud.ts";
import { eventually } from "../builders/eventually.ts";

/** The result of one event, as the ingest API returns it. */
export interface PostResult {
  readonly outcome: string;
  readonly version: number;
}

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
  return await eventually("ingest to respond with a status other than 503", async () => {
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
    const content = await response.text();
    if (response.status !== 200 && response.status !== 503) {
      throw new Error(`the hub responded ${response.status}: ${content}`);
    }
    return (
      response.status === 200 && (JSON.parse(content) as { results: readonly PostResult[] }).results
    );
  });
}
