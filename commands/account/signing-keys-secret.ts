import {
  InvalidParameterException,
  LimitExceededException,
  PutSecretValueCommand,
  type PutSecretValueCommandInput,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";

import { fetchSecret } from "../../functions/signing-keys/fetch-secret.ts";
import {
  formatSecret,
  parseSecret,
  type SigningKeysSecret,
} from "../../functions/signing-keys/secret.ts";
import { CommandError } from "../shared/command-error.ts";

/** How often a change is retried if another operator changes the secret at the same time. */
const MAX_ATTEMPTS = 8;

/** The staging label of a version that is not current yet. */
const PENDING = "PENDING";

/** Fixed, so that two operators who both find the secret empty create the same first version. */
const FIRST_VERSION = "agent-availability-hub-first-version";

interface Version {
  readonly id: string;
  readonly secret: SigningKeysSecret;
}

function secretIn(text: string): SigningKeysSecret {
  try {
    return parseSecret(text);
  } catch {
    throw new CommandError(
      "the signing keys secret of this stage is invalid. It was edited manually. In Secrets Manager, make its previous version current again.",
    );
  }
}

/** Returns nothing before the stage's first account is added. */
async function currentVersion(
  secrets: SecretsManagerClient,
  secretId: string,
): Promise<Version | undefined> {
  const version = await fetchSecret(secrets, secretId);
  return version && { id: version.id, secret: secretIn(version.text) };
}

/**
 * Stores a version of the secret.
 *
 * @throws CommandError if the secret has as many versions as Secrets Manager keeps.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
 */
async function put(
  secrets: SecretsManagerClient,
  version: PutSecretValueCommandInput,
): Promise<string | undefined> {
  try {
    const { VersionId: id } = await secrets.send(new PutSecretValueCommand(version));
    return id;
  } catch (error) {
    if (error instanceof LimitExceededException) {
      throw new CommandError(
        "the signing keys were not changed: the secret has reached Secrets Manager's limit of 100 versions (LimitExceededException). Every change creates a version, and Secrets Manager deletes none within 24 hours. Try again when the oldest versions are 24 hours old.",
        { cause: error },
      );
    }
    throw error;
  }
}

async function putFirstVersion(secrets: SecretsManagerClient, secretId: string): Promise<void> {
  await put(secrets, {
    SecretId: secretId,
    SecretString: formatSecret({}),
    ClientRequestToken: FIRST_VERSION,
  });
}

/**
 * Stores new keys unless the secret has changed since it was read.
 *
 * @returns whether they are stored.
 */
async function replace(
  secrets: SecretsManagerClient,
  secretId: string,
  from: Version,
  secret: SigningKeysSecret,
): Promise<boolean> {
  const to = await put(secrets, {
    SecretId: secretId,
    SecretString: formatSecret(secret),
    VersionStages: [PENDING],
  });
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
      // The label was moved: by another operator, or by this request, if its response was lost and it was retried.
      return (await currentVersion(secrets, secretId))?.id === to;
    }
    throw error;
  }
}

/**
 * Changes the keys without losing a change that another operator makes at the same time: the new version
 * becomes current only if the version that it is based on still is. Otherwise the change is repeated.
 *
 * @param change returns its argument if there is nothing to change.
 */
export async function changeSecret(
  secrets: SecretsManagerClient,
  secretId: string,
  change: (secret: SigningKeysSecret) => SigningKeysSecret,
): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const from = await currentVersion(secrets, secretId);
    if (from === undefined) {
      await putFirstVersion(secrets, secretId);
      continue;
    }
    const secret = change(from.secret);
    if (secret === from.secret || (await replace(secrets, secretId, from, secret))) {
      return;
    }
  }
  throw new CommandError(
    "other operators are changing the signing keys. Nothing was changed. Try again.",
  );
}

/** Returns the current keys; none before the first account. */
export async function readSecret(
  secrets: SecretsManagerClient,
  secretId: string,
): Promise<SigningKeysSecret> {
  return (await currentVersion(secrets, secretId))?.secret ?? {};
}
