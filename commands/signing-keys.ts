import { randomBytes } from "node:crypto";

import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

import { isReserved, PING_ACCOUNT } from "../functions/availability/reserved.ts";
import {
  formatSecret,
  type SigningAccount,
  type SigningKeysSecret,
} from "../functions/signing-keys/secret.ts";
import { CommandError } from "./command-error.ts";
import { commandWords } from "./command-line.ts";
import { changeSecret, readSecret } from "./signing-keys-secret.ts";

/** The secret that holds a stage's signing keys. */
export interface KeysPlace {
  readonly secrets: SecretsManagerClient;
  readonly secretId: string;
  readonly stage: string;
}

const MOST_ACCOUNTS = 400;

/** What a secret of Secrets Manager holds. Accounts with long ids fill it before there are 400. */
const MOST_BYTES = 65_536;

/** Standard Webhooks asks for 24 to 64 bytes. */
const KEY_BYTES = 32;

/** The number that Freshdesk puts into `account_id`; what begins with `_` is the hub's own. */
const ACCOUNT_ID = /^[1-9]\d{0,19}$/;

/** Whether there is room for a second key of every account, without which none could be rotated. */
function isFull(keys: SigningKeysSecret): boolean {
  const rotated: Record<string, SigningAccount> = {};
  for (const [
    accountId,
    {
      keys: [key = ""],
    },
  ] of Object.entries(keys)) {
    rotated[accountId] = { keys: [key, key] };
  }
  return Buffer.byteLength(formatSecret(rotated)) > MOST_BYTES;
}

/** A new signing key as Standard Webhooks writes it. */
function newKey(): string {
  return `whsec_${randomBytes(KEY_BYTES).toString("base64")}`;
}

/** With the key that releases are tried with, which comes along with the first account's and then stays. */
function withPing(keys: SigningKeysSecret): SigningKeysSecret {
  return Object.hasOwn(keys, PING_ACCOUNT)
    ? keys
    : { ...keys, [PING_ACCOUNT]: { keys: [newKey()] } };
}

/** How many Freshdesk accounts have keys. */
function countOf(keys: SigningKeysSecret): number {
  return Object.keys(keys).filter((accountId) => !isReserved(accountId)).length;
}

/** @throws CommandError unless it can be a Freshdesk account ID. */
export function checkAccountId(accountId: string): void {
  if (!ACCOUNT_ID.test(accountId)) {
    throw new CommandError(
      `account ID must be the number of the Freshdesk account, digits only (got ${JSON.stringify(accountId)}). Find it in the field account_id of GET https://YOUR_DOMAIN.freshdesk.com/api/v2/account, with any admin's API key, or in the relay's log`,
    );
  }
}

/** A command for an account's keys, to be pasted. */
const accountWords = ({ stage }: KeysPlace, does: string) =>
  commandWords(`account -- ${does}`, stage);

/** The keys of an account, the current one first. */
function keysOf(keys: SigningKeysSecret, accountId: string, place: KeysPlace): readonly string[] {
  const known = Object.hasOwn(keys, accountId) ? keys[accountId]?.keys : undefined;
  if (known === undefined) {
    throw new CommandError(
      `account ${accountId} has no signing key on stage ${place.stage}; ${accountWords(place, "list")} shows those that have one`,
    );
  }
  return known;
}

/** What the one who is about to end a key of an account was asked about: its keys then, the current one first. */
type KeysSeen = readonly string[];

/**
 * The keys of an account before somebody is asked whether one of them is to be ended.
 *
 * @throws CommandError when the account has none.
 */
export async function seeKeys(place: KeysPlace, accountId: string): Promise<KeysSeen> {
  checkAccountId(accountId);
  return keysOf(await readSecret(place.secrets, place.secretId), accountId, place);
}

/** Whoever answers late means the keys that were there when the question was put. */
function refuseOtherKeys(keys: readonly string[], seen: KeysSeen, accountId: string): void {
  if (keys.length !== seen.length || keys.some((key, index) => key !== seen[index])) {
    throw new CommandError(
      `the signing keys of account ${accountId} were changed by somebody else just now, and nothing was ended; ask who`,
    );
  }
}

/**
 * Makes a new key, and changes the secret so that the account has it.
 *
 * If the answer of AWS was lost, and somebody else has built on the change since, it is found done: nobody
 * else can have put this key there. Made anew, it would be refused, and the key never shown.
 */
async function putNewKey(
  { secrets, secretId }: KeysPlace,
  accountId: string,
  change: (keys: SigningKeysSecret, key: string) => SigningKeysSecret,
): Promise<string> {
  const key = newKey();
  const isThere = (keys: SigningKeysSecret) =>
    Object.hasOwn(keys, accountId) && keys[accountId]?.keys.includes(key) === true;
  await changeSecret(secrets, secretId, (keys) => (isThere(keys) ? keys : change(keys, key)));
  return key;
}

/**
 * Makes a signing key for an account that has none yet.
 *
 * @returns the key, which is shown nowhere else again.
 * @throws CommandError when the id is none, the account has a key, or the secret is full.
 */
export async function addAccount(place: KeysPlace, accountId: string): Promise<string> {
  checkAccountId(accountId);
  return await putNewKey(place, accountId, (keys, key) => {
    if (Object.hasOwn(keys, accountId)) {
      throw new CommandError(
        `account ${accountId} has a signing key already; it is not shown again. ${accountWords(place, `rotate ${accountId}`)} makes a new one`,
      );
    }
    if (countOf(keys) >= MOST_ACCOUNTS) {
      throw new CommandError(
        `this stage has ${MOST_ACCOUNTS} accounts, which is all that its secret can hold; use another stage`,
      );
    }
    const added = { ...withPing(keys), [accountId]: { keys: [key] } };
    if (isFull(added)) {
      throw new CommandError(
        `the keys of this stage's ${countOf(keys)} accounts leave no room in its secret, which holds ${MOST_BYTES} bytes; use another stage`,
      );
    }
    return added;
  });
}

/**
 * Makes a new key for an account, beside the one that it has: both work until the old one is retired.
 *
 * @returns the new key, which is shown nowhere else again.
 * @throws CommandError when the account has no key, or two.
 */
export async function rotateKey(place: KeysPlace, accountId: string): Promise<string> {
  checkAccountId(accountId);
  return await putNewKey(place, accountId, (keys, key) => {
    const [current = "", ...previous] = keysOf(keys, accountId, place);
    if (previous.length > 0) {
      throw new CommandError(
        `account ${accountId} has two signing keys already. If the relay uses the newer one, end the older: ${accountWords(place, `retire ${accountId}`)}. If nobody has the newer one, which was shown once, put another in its place, and the older goes on working: ${accountWords(place, `rotate ${accountId} --replace-newest`)}`,
      );
    }
    return { ...withPing(keys), [accountId]: { keys: [key, current] } };
  });
}

/**
 * Makes a new key in the place of an account's newest, which nobody has; the older one goes on working.
 *
 * @returns the new key, which is shown nowhere else again.
 * @throws CommandError when the account has no key, or only one, or others than were seen.
 */
export async function replaceNewestKey(
  place: KeysPlace,
  accountId: string,
  seen: KeysSeen,
): Promise<string> {
  checkAccountId(accountId);
  return await putNewKey(place, accountId, (keys, key) => {
    const known = keysOf(keys, accountId, place);
    const [, ...previous] = known;
    if (previous.length === 0) {
      throw new CommandError(
        `account ${accountId} has one signing key only, which stays; ${accountWords(place, `rotate ${accountId}`)} makes a new one beside it`,
      );
    }
    // What somebody else has just been shown is no lost key.
    refuseOtherKeys(known, seen, accountId);
    return { ...withPing(keys), [accountId]: { keys: [key, ...previous] } };
  });
}

/**
 * Ends the older of an account's two keys.
 *
 * @throws CommandError when the account has no key, or only one, or others than were seen.
 */
export async function retireKey(
  place: KeysPlace,
  accountId: string,
  seen: KeysSeen,
): Promise<void> {
  checkAccountId(accountId);
  await changeSecret(place.secrets, place.secretId, (keys) => {
    const known = keysOf(keys, accountId, place);
    const [current = "", ...previous] = known;
    if (previous.length === 0) {
      throw new CommandError(
        `account ${accountId} has one signing key only, which stays; ${accountWords(place, `rotate ${accountId}`)} makes another, ${accountWords(place, `remove ${accountId}`)} refuses the account`,
      );
    }
    // After somebody else has rotated, the older key is the one that the relay uses.
    refuseOtherKeys(known, seen, accountId);
    return { ...keys, [accountId]: { keys: [current] } };
  });
}

/**
 * Ends all keys of an account.
 *
 * @throws CommandError when it has none.
 */
export async function removeAccount(place: KeysPlace, accountId: string): Promise<void> {
  checkAccountId(accountId);
  await changeSecret(place.secrets, place.secretId, (keys) => {
    keysOf(keys, accountId, place);
    return Object.fromEntries(Object.entries(keys).filter(([id]) => id !== accountId));
  });
}

/** The accounts that may write, in their order, and how many keys each has. The hub's own are left out. */
export async function listAccounts(
  place: KeysPlace,
): Promise<{ readonly accountId: string; readonly keys: number }[]> {
  return Object.entries(await readSecret(place.secrets, place.secretId))
    .filter(([accountId]) => !isReserved(accountId))
    .map(([accountId, { keys }]) => ({ accountId, keys: keys.length }))
    .toSorted((first, second) =>
      first.accountId.localeCompare(second.accountId, "en", { numeric: true }),
    );
}
