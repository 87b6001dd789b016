import { commandLine } from "../shared/arguments.ts";
import { CommandError } from "../shared/command-error.ts";
import { API_KEY_REMOVED_NOTICE, removeApiKey, storeApiKey } from "./api-keys.ts";
import { startFirstSweep } from "./first-sweep.ts";
import { askForConnection, type CheckedConnection } from "./freshdesk-account.ts";
import type { AccountContext, Subcommand } from "./key-commands.ts";
import { formatSettings, relaySettings } from "./relay-settings.ts";
import { addAccount, listAccounts } from "./signing-keys.ts";

/** The stage parameters that only these subcommands need. */
export const CONNECTION_PARAMETERS = [
  "freshdesk-api-keys-secret-arn",
  "reconcile-queue-url",
] as const;

type ConnectionParameter = (typeof CONNECTION_PARAMETERS)[number];
type ConnectionSubcommand = Subcommand<ConnectionParameter>;

const apiKeysOf = ({ keys, parameters }: AccountContext<ConnectionParameter>) => ({
  ...keys,
  secretId: parameters["freshdesk-api-keys-secret-arn"],
});

/** Stores a checked API key in an audited action. */
async function storeConnection(
  context: AccountContext<ConnectionParameter>,
  { accountId, connection }: CheckedConnection,
): Promise<void> {
  const { domain } = connection;
  await context.audited({ action: "account connect", accountId, domain }, async () => {
    await storeApiKey(apiKeysOf(context), accountId, connection);
  });
}

const formatConnected = (accountId: string, domain: string, stage: string) =>
  `Connected account ${accountId} to ${domain} (stage ${stage}).`;

/**
 * Adds the account that an API key belongs to. The API key is stored before the signing key is created, because
 * only storing can be repeated.
 */
export const addByDomain: ConnectionSubcommand = async (
  context,
  _accountId,
  { stage, domain = "", withoutCustomStatuses = false },
) => {
  const { keys, parameters, terminal } = context;
  const hasCustomStatuses = !withoutCustomStatuses;
  const checked = await askForConnection(domain, terminal);
  const { accountId } = checked;
  const known = await listAccounts(keys);
  if (known.some((account) => account.accountId === accountId)) {
    throw new CommandError(
      `account ${accountId} already has a signing key. Nothing was changed. To store the API key only: ${commandLine(`account connect ${accountId} --domain ${domain}`, stage)}`,
    );
  }
  await storeConnection(context, checked);
  const key = await context.audited(
    { action: "account add", accountId, ...(withoutCustomStatuses && { customStatuses: "off" }) },
    async () => await addAccount(keys, accountId, { hasCustomStatuses }),
  );
  const settings = relaySettings(parameters["ingest-url"], accountId, key);
  return {
    value: { accountId, domain, ...settings, customStatuses: hasCustomStatuses },
    text: [
      formatConnected(accountId, domain, stage),
      `Created a signing key for account ${accountId} (stage ${stage}).`,
      "",
      ...formatSettings(settings),
      "The signing key is not shown again. The hub accepts it within 30 seconds.",
      await startFirstSweep(parameters["reconcile-queue-url"], accountId),
    ],
  };
};

/** Stores the API key of an account, or replaces it. */
export const connect: ConnectionSubcommand = async (context, accountId, { stage, domain = "" }) => {
  const checked = await askForConnection(domain, context.terminal);
  if (checked.accountId !== accountId) {
    throw new CommandError(
      `the API key belongs to account ${checked.accountId}, not to account ${accountId}. Nothing was changed. Check the domain and the ID.`,
    );
  }
  await storeConnection(context, checked);
  return {
    value: { accountId, domain },
    text: [
      formatConnected(accountId, domain, stage),
      await startFirstSweep(context.parameters["reconcile-queue-url"], accountId),
    ],
  };
};

/** Removes the API key of an account. */
export const disconnect: ConnectionSubcommand = async (context, accountId, { stage, yes }) => {
  await context.terminal.confirm(
    `This removes the Freshdesk API key of account ${accountId} (stage ${stage}) and stops sweeps of the account.`,
    yes,
  );
  await context.audited({ action: "account disconnect", accountId }, async () => {
    await removeApiKey(apiKeysOf(context), accountId);
  });
  return {
    value: { accountId },
    text: [`Disconnected account ${accountId} (stage ${stage}). ${API_KEY_REMOVED_NOTICE}`],
  };
};
