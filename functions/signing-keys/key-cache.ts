import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

import { fetchSecret } from "./fetch-secret.ts";
import { type UsableKeys, usableKeys } from "./secret.ts";

/** Fetching failed, and no cached copy is recent enough. Retrying the request is safe. */
export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

/**
 * Age from which a copy is fetched again. A new or retired key must take effect within 30 seconds. The other 5
 * seconds are the maximum duration of a request.
 */
const MAX_FRESH_AGE_MS = 25_000;

/** Age up to which a copy is used if fetching fails. */
const MAX_USABLE_AGE_MS = 5 * 60_000;

/**
 * Pause after a failed fetch, whether or not a copy is still usable. Without it, each request of an
 * unauthenticated caller would call Secrets Manager. The SDK has already retried the call.
 */
const RETRY_INTERVAL_MS = 1000;

const FETCH_TIMEOUT_MS = 1200;

interface Copy {
  readonly accounts: ReadonlyMap<string, UsableKeys>;
  /** When the fetch began, in epoch milliseconds. */
  readonly fetchedAt: number;
}

/** Returns the age of a copy in milliseconds. */
function ageOf(copy: Copy | undefined): number {
  return copy ? Date.now() - copy.fetchedAt : Number.POSITIVE_INFINITY;
}

interface Listener {
  /** Called for each fetch that fails, even if an older copy is used. */
  readonly onFetchFailed: (error: unknown) => void;
  /** Called for each fetch in which malformed keys were skipped, with the IDs of their accounts. */
  readonly onMalformed: (accountIds: readonly string[]) => void;
}

/** Caches the signing keys of all accounts, so that unauthenticated requests do not cost a call each. */
export function createKeyCache(
  client: SecretsManagerClient,
  secretId: string,
  { onFetchFailed, onMalformed }: Listener,
) {
  let copy: Copy | undefined;
  let nextFetchAt = 0;

  async function fetchText(): Promise<string> {
    const abortSignal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
    const secret = await fetchSecret(client, secretId, { abortSignal });
    if (secret === undefined && copy && copy.accounts.size > 0) {
      throw new Error("the signing-key secret was deleted or has no value");
    }
    return secret?.text ?? "";
  }

  async function refresh(): Promise<void> {
    const fetchedAt = Date.now();
    try {
      const { accounts, malformedAccountIds } = usableKeys(await fetchText());
      copy = { accounts, fetchedAt };
      if (malformedAccountIds.length > 0) {
        onMalformed(malformedAccountIds);
      }
    } catch (error) {
      nextFetchAt = Date.now() + RETRY_INTERVAL_MS;
      onFetchFailed(error);
    }
  }

  return {
    /**
     * Returns the keys of an account, or `undefined` if the account is not known.
     *
     * @throws KeysUnavailableError if fetching fails, or has just failed, and the last copy is more than 5
     * minutes old.
     */
    async of(accountId: string): Promise<UsableKeys | undefined> {
      if (ageOf(copy) >= MAX_FRESH_AGE_MS && Date.now() >= nextFetchAt) {
        await refresh();
      }
      if (copy === undefined || ageOf(copy) > MAX_USABLE_AGE_MS) {
        throw new KeysUnavailableError("the signing keys could not be fetched");
      }
      return copy.accounts.get(accountId);
    },
  };
}

export type KeyCache = ReturnType<typeof createKeyCache>;
