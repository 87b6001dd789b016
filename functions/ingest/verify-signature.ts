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
 * The headers of Standard Webhooks 1.0, checked more strictly than by the library, which parses the leading
 * digits of a timestamp and verifies that number: a timestamp with leading zeros is not the text that was signed.
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

/** An account has the custom-status feature unless its entry says otherwise. */
function hasCustomStatuses(account: UsableKeys | undefined): boolean {
  return account?.customStatuses !== false;
}

/** The rejections differ only in their metric. Anyone can send requests for the ping account, whose ID is public. */
function rejectionOf(accountId: string, isKnown: boolean): RejectedError {
  return new RejectedError(isKnown && !isReserved(accountId) ? "BadSignature" : "Unauthenticated");
}

/**
 * Rejects a request unless one of the account's keys has signed its body, ID and timestamp within 5 minutes.
 *
 * The response to an unknown account, an invalid header and a wrong signature is the same, and none of them
 * fetches the keys earlier than a valid request would.
 *
 * @param onPreviousKey called for each request that is signed with the account's previous key.
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
        throw rejectionOf(accountId, account !== undefined);
      }
      event.hasCustomStatuses = hasCustomStatuses(account);
      if (signedBy > 0) {
        event.isSignedByPreviousKey = true;
        onPreviousKey();
      }
    },
  };
}
