import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";

interface SecretVersion {
  readonly id: string;
  readonly text: string;
}

/**
 * Fetches the current version of a secret.
 *
 * @returns `undefined` if the secret has no value, as before the stage's first account is added, or was deleted.
 */
export async function fetchSecret(
  client: SecretsManagerClient,
  secretId: string,
  options: { readonly abortSignal?: AbortSignal } = {},
): Promise<SecretVersion | undefined> {
  try {
    const command = new GetSecretValueCommand({ SecretId: secretId });
    const { VersionId: id = "", SecretString: text = "" } = await client.send(command, options);
    return { id, text };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      return undefined;
    }
    throw error;
  }
}
