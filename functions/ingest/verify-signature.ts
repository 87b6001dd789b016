import { randomBytes } from "node:crypto";

import type { MiddlewareObj } from "@middy/core";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import * as z from "zod";

import { isReserved } from "../availability/reserved.ts";
import { RefusedError } from "./problem.ts";
import { accountIdOf, type Request } from "./request.ts";
import { KeysUnavailableError, MOST_KEYS, type SigningKeyStore } from "./signing-keys.ts";

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
 * Nobody's. A large body takes milliseconds to verify, so what is refused is verified with as many keys as
 * an account has at most: an answer that came sooner would tell which accounts there are, one that came
 * later which are about to change their key.
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

async function keysOf(keys: SigningKeyStore, accountId: string): Promise<readonly string[]> {
  try {
    return await keys.of(accountId);
  } catch (error) {
    throw error instanceof KeysUnavailableError
      ? new RefusedError("DependencyFailed", { cause: error })
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
export function verifySignature(
  keys: SigningKeyStore,
  onPreviousKey: () => void,
): MiddlewareObj<Request> {
  return {
    async before({ event }) {
      const headers = headersSchema.safeParse(event.headers);
      if (!headers.success) {
        throw new RefusedError("Unauthenticated");
      }
      const accountId = accountIdOf(event);
      const candidates = await keysOf(keys, accountId);
      const tried = [...candidates, DECOY_KEY, DECOY_KEY].slice(0, MOST_KEYS);
      const signedBy = tried.findIndex((key) => isSignedBy(key, event.rawBody ?? "", headers.data));
      if (signedBy < 0) {
        // Only the metric differs. The ping account's ID is public, so anyone can send requests for it.
        const isKnown = candidates.length > 0 && !isReserved(accountId);
        throw new RefusedError(isKnown ? "BadSignature" : "Unauthenticated");
      }
      if (signedBy > 0) {
        event.isSignedByPreviousKey = true;
        onPreviousKey();
      }
    },
  };
}
