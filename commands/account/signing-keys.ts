import { randomBytes } from "node:crypto";

import { isReserved, PING_ACCOUNT } from "../../functions/availability/reserved.ts";
import {
  formatSecret,
  isSigningKey,
  type SigningAccount,
  type SigningKeysSecret,
} from "../../functions/signing-keys/secret.ts";
import { parseAccountId } from "../shared/arguments.ts";
import { CommandError } from "../shared/command-error.ts";
import { MAX_SECRET_BYTES, type SecretOfStage } from "../shared/versioned-secret.ts";
import { accountCommand, keysOf, secretOf } from "./signing-keys-secret.ts";

const MAX_ACCOUNTS = 400;

/** Standard Webhooks requires 24 to 64 bytes. */
const KEY_BYTES = 32;

/** Returns whether the secret would be too large if every account had the second key that a rotation needs. */
function isFull(keys: SigningKeysSecret): boolean {
  const rotated: Record<string, SigningAccount> = {};
  for (const [accountId, account] of Object.entries(keys)) {
    const [key = ""] = account.keys;
    rotated[accountId] = { ...account, keys: [key, key] };
  }
  return Buffer.byteLength(formatSecret(rotated)) > MAX_SECRET_BYTES;
}

/** Returns a new signing key in the format of Standard Webhooks. */
function newKey(): string {
  return `whsec_${randomBytes(KEY_BYTES).toString("base64")}`;
}

/** Creates the key that deployments are tested with, if it is missing or malformed. */
function withPingKey(keys: SigningKeysSecret): SigningKeysSecret {
  return isSigningKey(keys[PING_ACCOUNT]?.keys[0])
    ? keys
    : { ...keys, [PING_ACCOUNT]: { keys: [newKey()] } };
}

/** Returns an account's keys with the setting `customStatuses`, which is absent for the default. */
function withCustomStatuses({ keys }: SigningAccount, hasCustomStatuses: boolean): SigningAccount {
  return hasCustomStatuses ? { keys } : { keys, customStatuses: false };
}

/** Returns how many Freshdesk accounts have keys. */
function countOf(keys: SigningKeysSecret): number {
  return Object.keys(keys).filter((accountId) => !isReserved(accountId)).length;
}

/** The keys that an account had at the prompt for confirmation, the newest first. */
type ConfirmedKeys = readonly string[];

/**
 * Returns the keys of an account, to pass to a command that removes one of them after a confirmation.
 *
 * @throws CommandError if the account has none.
 */
export async function readAccountKeys(
  stageKeys: SecretOfStage,
  accountId: string,
): Promise<ConfirmedKeys> {
  parseAccountId(accountId);
  return keysOf(await secretOf(stageKeys).read(), accountId, stageKeys);
}

/** A confirmation applies to the keys that existed at the prompt. */
function requireUnchanged(
  keys: readonly string[],
  confirmedKeys: ConfirmedKeys,
  accountId: string,
): void {
  if (
    keys.length !== confirmedKeys.length ||
    keys.some((key, index) => key !== confirmedKeys[index])
  ) {
    throw new CommandError(
      `the signing keys of account ${accountId} have just been changed by another operator. Nothing was changed. Check the audit log, then try again.`,
    );
  }
}

/**
 * Creates a key and stores it.
 *
 * If AWS's response was lost and another operator has since changed the secret, the key may already be stored.
 * The change then counts as done. Otherwise the retry would be rejected, and the key would never be shown.
 */
async function putNewKey(
  stageKeys: SecretOfStage,
  accountId: string,
  change: (keys: SigningKeysSecret, key: string) => SigningKeysSecret,
): Promise<string> {
  const key = newKey();
  const isStored = (keys: SigningKeysSecret) =>
    Object.hasOwn(keys, accountId) && keys[accountId]?.keys.includes(key) === true;
  await secretOf(stageKeys).change((keys) => (isStored(keys) ? keys : change(keys, key)));
  return key;
}

/**
 * Creates the signing key of a new account.
 *
 * @returns the key, which cannot be read again.
 * @throws CommandError if the ID is invalid, the account has a key, or the secret is full.
 */
export async function addAccount(
  stageKeys: SecretOfStage,
  accountId: string,
  { hasCustomStatuses = true } = {},
): Promise<string> {
  parseAccountId(accountId);
  return await putNewKey(stageKeys, accountId, (keys, key) => {
    if (Object.hasOwn(keys, accountId)) {
      throw new CommandError(
        `account ${accountId} already has a signing key, which is not shown again. Create a second one: ${accountCommand(stageKeys, `rotate ${accountId}`)}`,
      );
    }
    if (countOf(keys) >= MAX_ACCOUNTS) {
      throw new CommandError(
        `this stage already has ${MAX_ACCOUNTS} accounts, the maximum for its secret. Use another stage.`,
      );
    }
    const account = withCustomStatuses({ keys: [key] }, hasCustomStatuses);
    const added = { ...withPingKey(keys), [accountId]: account };
    if (isFull(added)) {
      throw new CommandError(
        `the keys of ${countOf(keys)} accounts fill this stage's secret, which can hold ${MAX_SECRET_BYTES} bytes. Use another stage.`,
      );
    }
    return added;
  });
}

/**
 * Creates a second key for an account. Both work until the older one is retired.
 *
 * @returns the new key, which cannot be read again.
 * @throws CommandError if the account has no key, or two.
 */
export async function rotateKey(stageKeys: SecretOfStage, accountId: string): Promise<string> {
  parseAccountId(accountId);
  return await putNewKey(stageKeys, accountId, (keys, key) => {
    const [current = "", ...previous] = keysOf(keys, accountId, stageKeys);
    if (previous.length > 0) {
      throw new CommandError(`account ${accountId} already has two signing keys.`, {
        details: [
          `If the relay uses the newer one, retire the older one: ${accountCommand(stageKeys, `retire ${accountId}`)}`,
          `If the newer one was lost, replace it: ${accountCommand(stageKeys, `rotate ${accountId} --replace-newest`)}`,
        ],
      });
    }
    return { ...withPingKey(keys), [accountId]: { ...keys[accountId], keys: [key, current] } };
  });
}

/**
 * Replaces the newest of an account's two keys, which was lost. The older one keeps working.
 *
 * @returns the new key, which cannot be read again.
 * @throws CommandError if the account does not have two keys, or if they have changed since the confirmation.
 */
export async function replaceNewestKey(
  stageKeys: SecretOfStage,
  accountId: string,
  confirmedKeys: ConfirmedKeys,
): Promise<string> {
  parseAccountId(accountId);
  return await putNewKey(stageKeys, accountId, (keys, key) => {
    const accountKeys = keysOf(keys, accountId, stageKeys);
    const [, ...previous] = accountKeys;
    if (previous.length === 0) {
      throw new CommandError(
        `account ${accountId} has only one signing key, which was not replaced. Create a second one: ${accountCommand(stageKeys, `rotate ${accountId}`)}`,
      );
    }
    // A key that another operator has just created is not lost.
    requireUnchanged(accountKeys, confirmedKeys, accountId);
    return { ...withPingKey(keys), [accountId]: { ...keys[accountId], keys: [key, ...previous] } };
  });
}

/**
 * Removes the older of an account's two keys.
 *
 * @throws CommandError if the account does not have two keys, or if they have changed since the confirmation.
 */
export async function retireKey(
  stageKeys: SecretOfStage,
  accountId: string,
  confirmedKeys: ConfirmedKeys,
): Promise<void> {
  parseAccountId(accountId);
  await secretOf(stageKeys).change((keys) => {
    const accountKeys = keysOf(keys, accountId, stageKeys);
    const [current = "", ...previous] = accountKeys;
    if (previous.length === 0) {
      throw new CommandError(
        `account ${accountId} has only one signing key, which was not removed.`,
        {
          details: [
            `To create a second one: ${accountCommand(stageKeys, `rotate ${accountId}`)}`,
            `To reject the account's events: ${accountCommand(stageKeys, `remove ${accountId}`)}`,
          ],
        },
      );
    }
    // If another operator has rotated since, the older key is the one that the relay uses.
    requireUnchanged(accountKeys, confirmedKeys, accountId);
    return { ...keys, [accountId]: { ...keys[accountId], keys: [current] } };
  });
}

/**
 * Removes all keys of an account.
 *
 * @throws CommandError if it has none.
 */
export async function removeAccount(stageKeys: SecretOfStage, accountId: string): Promise<void> {
  parseAccountId(accountId);
  await secretOf(stageKeys).change((keys) => {
    keysOf(keys, accountId, stageKeys);
    return Object.fromEntries(Object.entries(keys).filter(([id]) => id !== accountId));
  });
}

/**
 * Stores whether an account has the custom-status feature.
 *
 * @throws CommandError if it has no key.
 */
export async function setCustomStatuses(
  stageKeys: SecretOfStage,
  accountId: string,
  hasCustomStatuses: boolean,
): Promise<void> {
  parseAccountId(accountId);
  await secretOf(stageKeys).change((keys) => {
    const accountKeys = keysOf(keys, accountId, stageKeys);
    const isSet = (keys[accountId]?.customStatuses !== false) === hasCustomStatuses;
    return isSet
      ? keys
      : { ...keys, [accountId]: withCustomStatuses({ keys: [...accountKeys] }, hasCustomStatuses) };
  });
}

export interface ListedAccount {
  readonly accountId: string;
  readonly keys: number;
  /** Whether the account has the custom-status feature. */
  readonly customStatuses: boolean;
}

/** Returns the accounts in order. Omits the hub's own account. */
export async function listAccounts(stageKeys: SecretOfStage): Promise<ListedAccount[]> {
  return Object.entries(await secretOf(stageKeys).read())
    .filter(([accountId]) => !isReserved(accountId))
    .map(([accountId, { keys, customStatuses }]) => ({
      accountId,
      keys: keys.length,
      customStatuses: customStatuses !== false,
    }))
    .toSorted((first, second) =>
      first.accountId.localeCompare(second.accountId, "en", { numeric: true }),
    );
}
