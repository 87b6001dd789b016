import {
  InvalidParameterException,
  LimitExceededException,
  PutSecretValueCommand,
  type PutSecretValueCommandInput,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";

import { fetchSecret } from "../../functions/signing-keys/fetch-secret.ts";
import { CommandError } from "./command-error.ts";

/** The size limit of a secret. */
export const MAX_SECRET_BYTES = 65_536;

/** Maximum number of attempts if other operators change the secret at the same time. */
const MAX_ATTEMPTS = 8;

/** The staging label of a version that is not current yet. */
const PENDING = "PENDING";

/**
 * The first version has a fixed ID, so that two operators who both find the secret empty create the same
 * first version.
 */
const FIRST_VERSION = "agent-availability-hub-first-version";

export interface SecretFormat<Value extends object> {
  /** The content of the secret in messages, such as `signing keys`. */
  readonly name: string;
  /** Parses the text strictly: a change would remove unrecognized values. */
  readonly parse: (text: string) => Value;
  readonly format: (value: Value) => string;
  /** The value before the first change. */
  readonly empty: Value;
}

export interface SecretOfStage {
  readonly secrets: SecretsManagerClient;
  readonly secretId: string;
  readonly stage: string;
}

interface Version<Value> {
  readonly id: string;
  readonly value: Value;
}

export function createVersionedSecret<Value extends object>(
  { secrets, secretId }: SecretOfStage,
  { name, parse, format, empty }: SecretFormat<Value>,
) {
  function parseValue(text: string): Value {
    try {
      return parse(text);
    } catch {
      throw new CommandError(
        `the secret with the ${name} of this stage is invalid, probably because it was edited manually. In Secrets Manager, make its previous version current again.`,
      );
    }
  }

  /** Returns nothing before the first change. */
  async function currentVersion(): Promise<Version<Value> | undefined> {
    const version = await fetchSecret(secrets, secretId);
    return version && { id: version.id, value: parseValue(version.text) };
  }

  /**
   * Stores a version of the secret.
   *
   * @throws CommandError if the secret has as many versions as Secrets Manager keeps.
   * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
   */
  async function put(
    version: Omit<PutSecretValueCommandInput, "SecretId">,
  ): Promise<string | undefined> {
    try {
      const command = new PutSecretValueCommand({ ...version, SecretId: secretId });
      const { VersionId: id } = await secrets.send(command);
      return id;
    } catch (error) {
      if (error instanceof LimitExceededException) {
        throw new CommandError(
          `the ${name} were not changed: the secret has reached Secrets Manager's limit of 100 versions (LimitExceededException). Every change creates a version, and Secrets Manager keeps each version for at least 24 hours. Try again when the oldest versions are 24 hours old.`,
          { cause: error },
        );
      }
      throw error;
    }
  }

  /**
   * Stores a new value unless the secret has changed since it was read.
   *
   * @returns whether it is stored.
   */
  async function replace(from: Version<Value>, value: Value): Promise<boolean> {
    const to = await put({ SecretString: format(value), VersionStages: [PENDING] });
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
        return (await currentVersion())?.id === to;
      }
      throw error;
    }
  }

  return {
    /**
     * Changes the value without losing a change that another operator makes at the same time: the new version
     * becomes current only if the version that it is based on still is. Otherwise the change is tried again.
     *
     * @param change returns its argument if there is nothing to change.
     */
    async change(change: (value: Value) => Value): Promise<void> {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const from = await currentVersion();
        if (from === undefined) {
          await put({ SecretString: format(empty), ClientRequestToken: FIRST_VERSION });
          continue;
        }
        const value = change(from.value);
        if (value === from.value || (await replace(from, value))) {
          return;
        }
      }
      throw new CommandError(
        `other operators are changing the ${name}. Nothing was changed. Try again.`,
      );
    },

    /** Returns the current value; the empty one before the first change. */
    async read(): Promise<Value> {
      return (await currentVersion())?.value ?? empty;
    },
  };
}
