import * as z from "zod";

/**
 * The value of a stage's signing-key secret: JSON that maps each account ID to `{"keys": [current, previous?]}`, with
 * `"customStatuses": false` for an account without the custom-status feature.
 *
 * Ingest reads it with `usableKeys`, which skips what it cannot use. Commands read it with `parseSecret`,
 * which rejects anything that they would not write, so that they never overwrite an operator's edit.
 */

/** An account's keys: a new key works beside the previous one, until the previous one is retired. */
const MAX_KEYS = 2;

const accountSchema = z.strictObject({
  /** The current key first. */
  keys: z.array(z.string()).min(1).max(MAX_KEYS),
  /** Present only for an account without the custom-status feature of Freshdesk. */
  customStatuses: z.literal(false).optional(),
});

const secretSchema = z.record(z.string(), accountSchema);

export type SigningAccount = Readonly<z.infer<typeof accountSchema>>;

/** The whole secret, by account ID. */
export type SigningKeysSecret = Readonly<Record<string, SigningAccount>>;

/** The secret's value cannot be parsed. The message never quotes it, as a JSON error would. */
export class UnreadableSecretError extends Error {
  override readonly name = "UnreadableSecretError";
}

function parse<Value>(text: string, schema: z.ZodType<Value>): Value {
  try {
    return schema.parse(JSON.parse(text === "" ? "{}" : text));
  } catch {
    throw new UnreadableSecretError(
      'the signing-key secret must be a JSON object that maps each account ID to {"keys": [current, previous?]}',
    );
  }
}

/**
 * Parses the secret's value; an empty value holds no accounts.
 *
 * @throws UnreadableSecretError if any part of it is not in the format that the commands write.
 */
export function parseSecret(text: string): SigningKeysSecret {
  return parse(text, secretSchema);
}

/** Returns the text to store as the secret's value. */
export function formatSecret(secret: SigningKeysSecret): string {
  return JSON.stringify(secret);
}

/** An account's usable keys, and whether it has custom statuses. */
export interface UsableKeys {
  readonly current?: string | undefined;
  readonly previous?: string | undefined;
  /** `false` for an account without custom statuses; absent otherwise. */
  readonly customStatuses?: false | undefined;
}

/** The usable keys of all accounts, and the accounts in which something was skipped. */
export interface UsableSecret {
  readonly accounts: ReadonlyMap<string, UsableKeys>;
  /** Account IDs with a malformed entry, a malformed key, or more than two keys. */
  readonly malformedAccountIds: readonly string[];
}

const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;

/** Returns whether a value is `whsec_` followed by the canonical base64 of 24 to 64 bytes. */
export function isSigningKey(value: unknown): value is string {
  const [, encoded = ""] = (typeof value === "string" && /^whsec_(.*)$/.exec(value)) || [];
  const bytes = Buffer.from(encoded, "base64");
  const isInRange = bytes.length >= MIN_KEY_BYTES && bytes.length <= MAX_KEY_BYTES;
  return isInRange && bytes.toString("base64") === encoded;
}

const entriesSchema = z.record(z.string(), z.unknown());
const anyKeysSchema = z.object({ keys: z.array(z.unknown()) });
const customStatusesSchema = z.object({ customStatuses: z.literal(false) });

/**
 * Returns the keys that a signature can be checked with. A malformed key or entry is skipped and reported,
 * so that it affects neither the account's other key nor other accounts.
 *
 * @throws UnreadableSecretError if the value as a whole is not a JSON object.
 */
export function usableKeys(text: string): UsableSecret {
  const accounts = new Map<string, UsableKeys>();
  const malformedAccountIds: string[] = [];
  for (const [accountId, entry] of Object.entries(parse(text, entriesSchema))) {
    const keys = anyKeysSchema.safeParse(entry).data?.keys ?? [];
    const [current, previous] = keys.map((key) => (isSigningKey(key) ? key : undefined));
    const customStatuses = customStatusesSchema.safeParse(entry).data?.customStatuses;
    accounts.set(accountId, { current, previous, customStatuses });
    if (keys.length === 0 || keys.length > MAX_KEYS || !keys.every(isSigningKey)) {
      malformedAccountIds.push(accountId);
    }
  }
  return { accounts, malformedAccountIds };
}
