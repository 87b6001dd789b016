import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import * as z from "zod";

/** Account id to its keys, the current one first: what the stage's secret holds. */
export type SigningKeys = ReadonlyMap<string, readonly string[]>;

/** No copy of the keys is fresh enough to judge by. Repeating the request is safe. */
export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

/** The secret does not hold what it must. Says nothing of what it holds: an error of JSON quotes it. */
class UnreadableKeysError extends Error {
  override readonly name = "UnreadableKeysError";
}

/** Keys of an account: a new one works beside the old one until that is retired. */
export const MOST_KEYS = 2;

const secretSchema = z.record(
  z.string(),
  z
    .array(z.string().regex(/^whsec_./))
    .min(1)
    .max(MOST_KEYS),
);

/**
 * A copy this old is fetched anew. A retired key has to be refused, and a new one to work, within 30
 * seconds; what is left of them is the longest that a request runs.
 */
const FRESH_MS = 25_000;

/** When fetching fails, a copy up to this old serves. */
const USABLE_MS = 5 * 60_000;

/**
 * After a failure, how long fetching is not tried again, whether or not a copy still serves: strangers send
 * all the time, and each of their requests would be a call. The relay, which repeats at once or parks for
 * minutes, has nothing of a shorter pause; the SDK has repeated the call before it counts as failed.
 */
const PAUSE_MS = 1000;

const FETCH_MS = 1200;

function keysIn(text: string): SigningKeys {
  if (text === "") {
    return new Map();
  }
  try {
    return new Map(Object.entries(secretSchema.parse(JSON.parse(text))));
  } catch {
    throw new UnreadableKeysError(
      "the secret's value is no JSON object from account id to one or two keys that begin with whsec_",
    );
  }
}

interface Copy {
  readonly keys: SigningKeys;
  /** Epoch milliseconds, before the fetch began: the copy may be this old. */
  readonly from: number;
}

/** In milliseconds; a copy that was never fetched is older than any. */
function ageOf(copy: Copy | undefined): number {
  return copy ? Date.now() - copy.from : Number.POSITIVE_INFINITY;
}

/**
 * The signing keys of all accounts, from one secret, so that a stranger's request costs no call.
 *
 * @param onFailure told of each fetch that failed, whether or not an older copy serves.
 */
export function createSigningKeys(
  client: SecretsManagerClient,
  secretId: string,
  onFailure: (error: unknown) => void,
) {
  let copy: Copy | undefined;
  let retryFrom = 0;

  async function fetchKeys(): Promise<SigningKeys> {
    try {
      const { SecretString: text = "" } = await client.send(
        new GetSecretValueCommand({ SecretId: secretId }),
        { abortSignal: AbortSignal.timeout(FETCH_MS) },
      );
      return keysIn(text);
    } catch (error) {
      // A secret without a value is what a fresh stage has, until its first account is added. Where there
      // were keys, it is one that is gone.
      if (error instanceof ResourceNotFoundException && !copy?.keys.size) {
        return new Map();
      }
      throw error;
    }
  }

  async function refresh(): Promise<void> {
    const from = Date.now();
    try {
      copy = { keys: await fetchKeys(), from };
    } catch (error) {
      retryFrom = Date.now() + PAUSE_MS;
      onFailure(error);
    }
  }

  return {
    /**
     * The keys of an account; none if it is not known.
     *
     * @throws KeysUnavailableError when fetching fails, or has just failed, and the last copy is over 5
     * minutes old.
     */
    async of(accountId: string): Promise<readonly string[]> {
      if (ageOf(copy) >= FRESH_MS && Date.now() >= retryFrom) {
        await refresh();
      }
      if (copy === undefined || ageOf(copy) > USABLE_MS) {
        throw new KeysUnavailableError("the signing keys cannot be fetched");
      }
      return copy.keys.get(accountId) ?? [];
    },
  };
}

/** @see createSigningKeys */
export type SigningKeyStore = ReturnType<typeof createSigningKeys>;
