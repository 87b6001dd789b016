import * as z from "zod";

import { parseFreshdeskDomain } from "./freshdesk-domain.ts";

/**
 * The value of a stage's secret with Freshdesk API keys: JSON that maps each account ID to
 * `{"domain": "acme.freshdesk.com", "apiKey": "..."}`.
 *
 * The reconcile function reads it with `parseApiKeys`, which skips what it cannot use. Commands read it with
 * `parseApiKeysSecret`, which rejects anything that they would not write, so that they never overwrite an
 * operator's edit.
 */

function isDomain(text: string): boolean {
  try {
    return parseFreshdeskDomain(text) === text;
  } catch {
    return false;
  }
}

/** Returns whether a text can be an API key: 1 to 128 printable ASCII characters without spaces or colons. */
export function isApiKey(text: string): boolean {
  return /^[\x21-\x39\x3b-\x7e]{1,128}$/.test(text);
}

const connectionSchema = z.strictObject({
  domain: z.string().refine(isDomain),
  /** An administrator's API key. Printable, so that it cannot change the request's headers. */
  apiKey: z.string().refine(isApiKey),
});

export type AccountConnection = Readonly<z.infer<typeof connectionSchema>>;

/** The secret's value cannot be parsed. The message never quotes it, as a JSON error would. */
class UnreadableApiKeysError extends Error {
  override readonly name = "UnreadableApiKeysError";
}

/** The connected accounts, by account ID. */
export interface ConnectedAccounts {
  readonly accounts: ReadonlyMap<string, AccountConnection>;
  /** IDs of accounts with a malformed entry, which is skipped so that it does not affect other accounts. */
  readonly malformedAccountIds: readonly string[];
}

const entriesSchema = z.record(z.string(), z.unknown());
const secretSchema = z.record(z.string(), connectionSchema);

/** The whole secret, by account ID. */
export type ApiKeysSecret = Readonly<Record<string, AccountConnection>>;

function parse<Value>(text: string, schema: z.ZodType<Value>): Value {
  try {
    return schema.parse(JSON.parse(text === "" ? "{}" : text));
  } catch {
    throw new UnreadableApiKeysError(
      'the secret with Freshdesk API keys must be a JSON object that maps each account ID to {"domain": ..., "apiKey": ...}',
    );
  }
}

/**
 * Parses the secret's value; an empty value connects no account.
 *
 * @throws UnreadableApiKeysError if any part of it is not in the format that the commands write.
 */
export function parseApiKeysSecret(text: string): ApiKeysSecret {
  return parse(text, secretSchema);
}

/** Returns the text to store as the secret's value. */
export function formatApiKeysSecret(secret: ApiKeysSecret): string {
  return JSON.stringify(secret);
}

/**
 * Returns the connections that can be used; an empty value connects no account.
 *
 * @throws UnreadableApiKeysError if the value as a whole is not a JSON object.
 */
export function parseApiKeys(text: string): ConnectedAccounts {
  const accounts = new Map<string, AccountConnection>();
  const malformedAccountIds: string[] = [];
  for (const [accountId, entry] of Object.entries(parse(text, entriesSchema))) {
    const connection = connectionSchema.safeParse(entry).data;
    if (connection === undefined) {
      malformedAccountIds.push(accountId);
    } else {
      accounts.set(accountId, connection);
    }
  }
  return { accounts, malformedAccountIds };
}
