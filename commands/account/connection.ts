import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

import { commandLine } from "../shared/arguments.ts";
import { CommandError } from "../shared/command-error.ts";
import { type AuditedStage, openStage } from "../shared/stage.ts";
import type { Terminal } from "../shared/terminal.ts";
import { API_KEY_REMOVED_NOTICE, removeApiKey, storeApiKey } from "./api-keys.ts";
import { startFirstSweep } from "./first-sweep.ts";
import { askForConnection, type CheckedConnection, parseDomain } from "./freshdesk-account.ts";
import type { CommandOutput } from "./key-commands.ts";
import { formatSettings, relaySettings } from "./relay-settings.ts";
import { addAccount, listAccounts } from "./signing-keys.ts";

const PARAMETERS = [
  "freshdesk-api-keys-secret-arn",
  "ingest-url",
  "reconcile-queue-url",
  "signing-keys-secret-arn",
] as const;

type OpenStage = AuditedStage<(typeof PARAMETERS)[number]>;

/** The stage, and the terminal that asks for the API key. */
interface CommandContext {
  readonly stage: string;
  readonly terminal: Terminal;
}

const open = async ({ stage, terminal }: CommandContext) =>
  await openStage(stage, PARAMETERS, terminal);

const secretsOf = ({ parameters }: OpenStage, stage: string) => {
  const secrets = new SecretsManagerClient();
  return {
    apiKeys: { secrets, secretId: parameters["freshdesk-api-keys-secret-arn"], stage },
    signingKeys: { secrets, secretId: parameters["signing-keys-secret-arn"], stage },
  };
};

/** Stores a checked API key in an audited action. */
async function storeConnection(
  auditedStage: OpenStage,
  stage: string,
  { accountId, connection }: CheckedConnection,
): Promise<void> {
  const { domain } = connection;
  await auditedStage.audited({ action: "account connect", accountId, domain }, async () => {
    await storeApiKey(secretsOf(auditedStage, stage).apiKeys, accountId, connection);
  });
}

const formatConnected = (accountId: string, domain: string, stage: string) =>
  `Connected account ${accountId} to ${domain} (stage ${stage}).`;

/**
 * Adds the account that an API key belongs to. The API key is stored before the signing key is created, since
 * only the latter cannot be repeated.
 */
export async function addByDomain(
  context: CommandContext,
  { domain: text, hasCustomStatuses }: { domain: string; hasCustomStatuses: boolean },
): Promise<CommandOutput> {
  const { stage, terminal } = context;
  const domain = parseDomain(text);
  const auditedStage = await open(context);
  const { signingKeys } = secretsOf(auditedStage, stage);
  const checked = await askForConnection(domain, terminal);
  const { accountId } = checked;
  const known = await listAccounts(signingKeys);
  if (known.some((account) => account.accountId === accountId)) {
    throw new CommandError(
      `account ${accountId} already has a signing key. Nothing was changed. To store the API key only: ${commandLine(`account connect ${accountId} --domain ${domain}`, stage)}`,
    );
  }
  await storeConnection(auditedStage, stage, checked);
  const key = await auditedStage.audited(
    { action: "account add", accountId, ...(!hasCustomStatuses && { customStatuses: "off" }) },
    async () => await addAccount(signingKeys, accountId, { hasCustomStatuses }),
  );
  const settings = relaySettings(auditedStage.parameters["ingest-url"], accountId, key);
  return {
    value: { accountId, domain, ...settings, customStatuses: hasCustomStatuses },
    text: [
      formatConnected(accountId, domain, stage),
      `Created a signing key for account ${accountId} (stage ${stage}).`,
      "",
      ...formatSettings(settings),
      "The signing key is not shown again. The hub accepts it within 30 seconds.",
      await startFirstSweep(auditedStage.parameters["reconcile-queue-url"], accountId),
    ],
  };
}

/** Stores the API key of an account, or replaces it. */
export async function connect(
  context: CommandContext,
  accountId: string,
  { domain: text }: { domain: string },
): Promise<CommandOutput> {
  const { stage, terminal } = context;
  const domain = parseDomain(text);
  const auditedStage = await open(context);
  const checked = await askForConnection(domain, terminal);
  if (checked.accountId !== accountId) {
    throw new CommandError(
      `the API key belongs to account ${checked.accountId}, not to account ${accountId}. Nothing was changed. Check the domain and the ID.`,
    );
  }
  await storeConnection(auditedStage, stage, checked);
  return {
    value: { accountId, domain },
    text: [
      formatConnected(accountId, domain, stage),
      await startFirstSweep(auditedStage.parameters["reconcile-queue-url"], accountId),
    ],
  };
}

/** Removes the API key of an account. */
export async function disconnect(
  context: CommandContext,
  accountId: string,
  { yes }: { yes: boolean },
): Promise<CommandOutput> {
  const { stage, terminal } = context;
  const auditedStage = await open(context);
  await terminal.confirm(
    `This removes the Freshdesk API key of account ${accountId} (stage ${stage}) and stops sweeps of the account.`,
    yes,
  );
  await auditedStage.audited({ action: "account disconnect", accountId }, async () => {
    await removeApiKey(secretsOf(auditedStage, stage).apiKeys, accountId);
  });
  return {
    value: { accountId },
    text: [`Disconnected account ${accountId} (stage ${stage}). ${API_KEY_REMOVED_NOTICE}`],
  };
}
