import { randomBytes } from "node:crypto";

import type { MiddlewareObj } from "@middy/core";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import * as z from "zod";

import { isReserved } from "../availability/reserved.ts";
import { type KeyCache, KeysUnavailableError } from "../signing-keys/key-cache.ts";
import type { UsableKeys } from "../signing-keys/secret.ts";
import { RejectedError } from "./problem.ts";
import { accountIdOf, type Request } from "./request.ts";

/**
 * Standard Webhooks 1.0, looked at more strictly than its library does, which reads a number's first
 * digits and verifies the number: a time with zeros before it is not the text that was signed.
 */
const headersSchema = z.object({
  "webhook-id": z.string().min(1).max(256),
  "webhook-timestamp": z.string().regex(/^[1-9]\d{0,11}$/),
  "webhook-signature": z.string().min(1),
});

type Headers = z.infer<typeof headersSchema>;

/**
 * Stands in for each key that is missing or malformed. A large body takes milliseconds to verify, so every
 * rejected request is verified with two keys: otherwise the response time would reveal which accounts exist
 * and how many usable keys they have.
 */
const DECOY_KEY = `whsec_${randomBytes(24).toString("base64")}`;

function isSignedBy(key: string, body: string, headers: Headers): boolean {
  try {
    new Webhook(key).verify(body, headers, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) {
      return false;
    }
    throw error;
  }
}

async function keysOf(keys: KeyCache, accountId: string): Promise<UsableKeys | undefined> {
  try {
    return await keys.of(accountId);
  } catch (error) {
    throw error instanceof KeysUnavailableError
      ? new RejectedError("DependencyFailed", { cause: error })
      : error;
  }
}

/**
 * Lets in only what one of the account's keys has signed, body, id and time, within 5 minutes.
 *
 * An account that is not known, a header that is not as it must be and a wrong signature are all the
 * same to the caller; none of them triggers a fetch of the keys.
 *
 * @param onPreviousKey told of each request that the account's new key has not signed, but the old one.
 */
export function verifySignature(keys: KeyCache, onPreviousKey: () => void): MiddlewareObj<Request> {
  return {
    async before({ event }) {
      const headers = headersSchema.safeParse(event.headers);
      if (!headers.success) {
        throw new RejectedError("Unauthenticated");
      }
      const accountId = accountIdOf(event);
      const account = await keysOf(keys, accountId);
      const tried = [account?.current ?? DECOY_KEY, account?.previous ?? DECOY_KEY];
      const signedBy = tried.findIndex((key) => isSignedBy(key, event.rawBody ?? "", headers.data));
      if (signedBy < 0) {
        // Only the metric differs. The ping account's ID is public, so anyone can send requests for it.
        const isKnown = account !== undefined && !isReserved(accountId);
        throw new RejectedError(isKnown ? "BadSignature" : "Unauthenticated");
      }
      if (signedBy > 0) {
        event.isSignedByPreviousKey = true;
        onPreviousKey();
      }
    },
  };
}
