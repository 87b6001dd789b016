import { createHmac, randomUUID } from "node:crypto";

import type { Cloud } from "../../local/cloud.ts";

/**
 * Posts payloads to the hub as the relay does, in one list, signed with the sample account's key.
 *
 * @throws Error when the answer is not 200.
 */
export async function post(
  { ingestUrl, accounts }: Cloud,
  payloads: readonly object[],
): Promise<void> {
  const { accountId = "", signingKey = "" } = accounts[0] ?? {};
  const [id, text] = [randomUUID(), JSON.stringify({ events: payloads })];
  const timestamp = String(Math.floor(Date.now() / 1000));
  const secret = Buffer.from(signingKey.slice("whsec_".length), "base64");
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
  if (response.status !== 200) {
    throw new Error(`the hub answered ${response.status}: ${await response.text()}`);
  }
}
