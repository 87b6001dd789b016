import {
  InvalidParameterException,
  LimitExceededException,
  PutSecretValueCommand,
  type PutSecretValueCommandInput,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";

import { fetchSecret } from "../functions/signing-keys/fetch-secret.ts";
import {
  formatSecret,
  parseSecret,
  type SigningKeysSecret,
} from "../functions/signing-keys/secret.ts";
import { CommandError } from "./command-error.ts";

/** How often a change is made anew because somebody else's came first. */
const TRIES = 8;

/** The label under which a version waits to become the current one. */
const PENDING = "PENDING";

/** Fixed, so that two operators who both find the secret empty make the same first version of it. */
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
      "the stage's secret does not hold signing keys as these commands write them: somebody edited it; make its version before that current again, in Secrets Manager",
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
        "the signing keys were not changed: Secrets Manager keeps at most 100 versions of a secret, and deletes none that is younger than 24 hours (LimitExceededException). Every change makes a version. Wait until the oldest ones are 24 hours old, then run the command again",
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
 * Makes a version the current one, if the one that it was made from still is.
 *
 * @returns whether it is the current one.
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
      // The label was moved: by somebody else, or by this call, if its answer was lost and it was repeated.
      return (await currentVersion(secrets, secretId))?.id === to;
    }
    throw error;
  }
}

/**
 * Changes the keys without losing what somebody else changes at the same time: a new version, made
 * current only if the version that it was made from still is; otherwise the change is made anew.
 *
 * @param change what it returns as it was given is done already.
 */
export async function changeSecret(
  secrets: SecretsManagerClient,
  secretId: string,
  change: (secret: SigningKeysSecret) => SigningKeysSecret,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
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
  throw new CommandError("the signing keys are being changed by somebody else; try again");
}

/** The keys as they are now; none where no account was ever added. */
export async function readSecret(
  secrets: SecretsManagerClient,
  secretId: string,
): Promise<SigningKeysSecret> {
  return (await currentVersion(secrets, secretId))?.secret ?? {};
}
