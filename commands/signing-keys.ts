import { randomBytes } from "node:crypto";

import {
  GetSecretValueCommand,
  InvalidParameterException,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import * as z from "zod";

import { CommandError } from "./command-error.ts";

/** Account id to one or two keys, the current one first: what the stage's secret holds. */
export type SigningKeys = Readonly<Record<string, readonly string[]>>;

const keysSchema = z.record(z.string(), z.array(z.string()).min(1).max(2));

const MOST_ACCOUNTS = 400;

/** What a secret of Secrets Manager holds. Accounts with long ids fill it before there are 400. */
const MOST_BYTES = 65_536;

/** Standard Webhooks asks for 24 to 64 bytes. */
const KEY_BYTES = 32;

/** How often a change is made anew because somebody else's came first. */
const TRIES = 8;

/** The label under which a version waits to become the current one. */
const PENDING = "PENDING";

/** Fixed, so that two operators who both find the secret empty make the same first version of it. */
const FIRST_VERSION = "agent-availability-hub-first-version";

const ACCOUNT_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

interface Version {
  readonly id: string;
  readonly keys: SigningKeys;
}

/** Says nothing of what the secret holds: an error of JSON quotes it. */
function keysIn(text: string): SigningKeys {
  try {
    return keysSchema.parse(JSON.parse(text));
  } catch {
    throw new CommandError(
      "the stage's secret does not hold signing keys as these commands write them: somebody edited it; make its version before that current again, in Secrets Manager",
    );
  }
}

async function currentVersion(
  secrets: SecretsManagerClient,
  secretId: string,
): Promise<Version | undefined> {
  try {
    const current = await secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
    const { VersionId: id = "", SecretString: text = "" } = current;
    return { id, keys: text === "" ? {} : keysIn(text) };
  } catch (error) {
    // What a stage has before its first account: a secret without a value.
    if (error instanceof ResourceNotFoundException) {
      return undefined;
    }
    throw error;
  }
}

async function putFirstVersion(secrets: SecretsManagerClient, secretId: string): Promise<void> {
  await secrets.send(
    new PutSecretValueCommand({
      SecretId: secretId,
      SecretString: "{}",
      ClientRequestToken: FIRST_VERSION,
    }),
  );
}

/** Makes a version the current one, if the one that it was made from still is. */
async function replace(
  secrets: SecretsManagerClient,
  secretId: string,
  from: Version,
  keys: SigningKeys,
): Promise<boolean> {
  const { VersionId: to } = await secrets.send(
    new PutSecretValueCommand({
      SecretId: secretId,
      SecretString: JSON.stringify(keys),
      VersionStages: [PENDING],
    }),
  );
  try {
    await secrets.send(
      new UpdateSecretVersionStageCommand({
        SecretId: secretId,
        VersionStage: "AWSCURRENT",
        RemoveFromVersionId: from.id,
        MoveToVersionId: to,
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof InvalidParameterException) {
      return false;
    }
    throw error;
  }
}

/**
 * Changes the keys without losing what somebody else changes at the same time: a new version, made
 * current only if the version that it was made from still is; otherwise the change is made anew.
 */
async function changeKeys(
  secrets: SecretsManagerClient,
  secretId: string,
  change: (keys: SigningKeys) => SigningKeys,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const from = await currentVersion(secrets, secretId);
    if (from === undefined) {
      await putFirstVersion(secrets, secretId);
    } else if (await replace(secrets, secretId, from, change(from.keys))) {
      return;
    }
  }
  throw new CommandError("the signing keys are being changed by somebody else; try again");
}

/** Whether there is room for a second key of every account, without which none could be rotated. */
function isFull(keys: SigningKeys): boolean {
  const rotated = Object.entries(keys).map(([accountId, [key]]) => [accountId, [key, key]]);
  return Buffer.byteLength(JSON.stringify(Object.fromEntries(rotated))) > MOST_BYTES;
}

/** A new signing key as Standard Webhooks writes it. */
function newKey(): string {
  return `whsec_${randomBytes(KEY_BYTES).toString("base64")}`;
}

/**
 * Makes a signing key for an account that has none yet.
 *
 * @returns the key, which is shown nowhere else again.
 * @throws CommandError when the id is none, the account has a key, or the secret is full.
 */
export async function addAccount(
  secrets: SecretsManagerClient,
  secretId: string,
  accountId: string,
): Promise<string> {
  if (!ACCOUNT_ID.test(accountId)) {
    throw new CommandError(
      `${JSON.stringify(accountId)} is no Freshdesk account id: letters, digits, "_", "." and "-" are allowed, as in data.agent_availability.account_id`,
    );
  }
  const key = newKey();
  await changeKeys(secrets, secretId, (keys) => {
    if (Object.hasOwn(keys, accountId)) {
      throw new CommandError(
        `account ${accountId} has a signing key already; it is not shown again`,
      );
    }
    if (Object.keys(keys).length >= MOST_ACCOUNTS) {
      throw new CommandError(
        `this stage has ${MOST_ACCOUNTS} accounts, which is all that its secret can hold; use another stage`,
      );
    }
    const added = { ...keys, [accountId]: [key] };
    if (isFull(added)) {
      throw new CommandError(
        `the keys of this stage's ${Object.keys(keys).length} accounts leave no room in its secret, which holds ${MOST_BYTES} bytes; use another stage`,
      );
    }
    return added;
  });
  return key;
}
