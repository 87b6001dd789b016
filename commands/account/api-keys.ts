import {
  type AccountConnection,
  type ApiKeysSecret,
  formatApiKeysSecret,
  parseApiKeysSecret,
} from "../../functions/reconcile/api-keys.ts";
import { commandLine } from "../shared/arguments.ts";
import { CommandError } from "../shared/command-error.ts";
import {
  createVersionedSecret,
  MAX_SECRET_BYTES,
  type SecretOfStage,
} from "../shared/versioned-secret.ts";

const secretOf = (stageSecret: SecretOfStage) =>
  createVersionedSecret<ApiKeysSecret>(stageSecret, {
    name: "Freshdesk API keys",
    parse: parseApiKeysSecret,
    format: formatApiKeysSecret,
    empty: {},
  });

/**
 * Stores the API key of an account, or replaces it.
 *
 * @throws CommandError if the secret is full.
 */
export async function storeApiKey(
  stageApiKeys: SecretOfStage,
  accountId: string,
  connection: AccountConnection,
): Promise<void> {
  await secretOf(stageApiKeys).change((connections) => {
    const updated = { ...connections, [accountId]: connection };
    if (Buffer.byteLength(formatApiKeysSecret(updated)) > MAX_SECRET_BYTES) {
      throw new CommandError(
        `the API keys of ${Object.keys(connections).length} accounts fill this stage's secret, which can hold ${MAX_SECRET_BYTES} bytes. Use another stage.`,
      );
    }
    return updated;
  });
}

/** Information for the operator after an API key was removed. */
export const API_KEY_REMOVED_NOTICE =
  "A sweep that is running ends within 15 minutes. Delete the API key in Freshdesk if nothing else uses it.";

export async function hasApiKey(stageApiKeys: SecretOfStage, accountId: string): Promise<boolean> {
  return Object.hasOwn(await secretOf(stageApiKeys).read(), accountId);
}

/**
 * Removes the API key of an account.
 *
 * @throws CommandError if it has none.
 */
export async function removeApiKey(stageApiKeys: SecretOfStage, accountId: string): Promise<void> {
  await secretOf(stageApiKeys).change((connections) => {
    if (!Object.hasOwn(connections, accountId)) {
      throw new CommandError(
        `account ${accountId} is not connected (stage ${stageApiKeys.stage}). To connect it: ${commandLine(`account connect ${accountId} --domain YOUR_DOMAIN.freshdesk.com`, stageApiKeys.stage)}`,
      );
    }
    return Object.fromEntries(Object.entries(connections).filter(([id]) => id !== accountId));
  });
}
