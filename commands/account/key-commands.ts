import { API_KEY_REMOVED_NOTICE, hasApiKey, removeApiKey } from "./api-keys.ts";
import { formatSettings, relaySettings, secondKeyOutput } from "./relay-settings.ts";
import {
  addAccount,
  type ListedAccount,
  listAccounts,
  readAccountKeys,
  removeAccount,
  replaceNewestKey,
  retireKey,
  rotateKey,
  setCustomStatuses,
} from "./signing-keys.ts";
import { commandLine, type ConfirmOptions, type GlobalOptions } from "../shared/arguments.ts";
import type { StageParameter } from "../../lib/stage-parameter-names.ts";
import type { AuditedStage } from "../shared/deployed-stage.ts";
import { formatCount } from "../shared/count.ts";
import type { Terminal } from "../shared/terminal.ts";
import type { SecretOfStage } from "../shared/versioned-secret.ts";

/** The stage parameters that all subcommands need. */
export const PARAMETERS = ["ingest-url", "signing-keys-secret-arn"] as const;

export interface Options extends GlobalOptions, ConfirmOptions {
  readonly replaceNewest?: boolean;
  readonly withoutCustomStatuses?: boolean;
  /** Of `account add` and `account connect`; as `parseDomain` returns it. */
  readonly domain?: string;
  /** Of `account set`. */
  readonly customStatuses?: "on" | "off";
}

export interface AccountContext<Name extends StageParameter = never> extends AuditedStage<
  Name | (typeof PARAMETERS)[number]
> {
  readonly keys: SecretOfStage;
  readonly terminal: Terminal;
}

/** A command's result, for programs and for people. */
export interface CommandOutput {
  readonly value: object;
  readonly text: readonly string[];
}

/** Runs a subcommand, which may need further stage parameters. */
export type Subcommand<Name extends StageParameter = never> = (
  context: AccountContext<Name>,
  accountId: string,
  options: Options,
) => Promise<CommandOutput>;

const formatCustomStatuses = (accountId: string, hasCustomStatuses: boolean) =>
  `Set customStatuses of account ${accountId} to ${hasCustomStatuses ? "on" : "off"}.`;

export const add: Subcommand = async (
  context,
  accountId,
  { stage, withoutCustomStatuses = false },
) => {
  const hasCustomStatuses = !withoutCustomStatuses;
  const key = await context.audited(
    { action: "account add", accountId, ...(withoutCustomStatuses && { customStatuses: "off" }) },
    async () => await addAccount(context.keys, accountId, { hasCustomStatuses }),
  );
  const settings = relaySettings(context.parameters["ingest-url"], accountId, key);
  return {
    value: { accountId, ...settings, customStatuses: hasCustomStatuses },
    text: [
      `Created a signing key for account ${accountId} (stage ${stage}).`,
      ...(withoutCustomStatuses ? [formatCustomStatuses(accountId, false)] : []),
      "",
      ...formatSettings(settings),
      "The key is not shown again. The hub accepts it within 30 seconds.",
    ],
  };
};

const replaceNewest: Subcommand = async (context, accountId, { stage, yes }) => {
  const confirmedKeys = await readAccountKeys(context.keys, accountId);
  await context.terminal.confirm(
    `This replaces the newer signing key of account ${accountId} (stage ${stage}). A relay that already uses that key parks its events until it has the new key. The older key keeps working.`,
    yes,
  );
  const key = await context.audited(
    { action: "account rotate", accountId, replaced: "newest key" },
    async () => await replaceNewestKey(context.keys, accountId, confirmedKeys),
  );
  return secondKeyOutput(
    { ingestUrl: context.parameters["ingest-url"], stage: context.keys.stage },
    accountId,
    key,
    `Replaced the newer signing key of account ${accountId} (stage ${stage}). The older key keeps working.`,
  );
};

export const rotate: Subcommand = async (context, accountId, options) => {
  if (options.replaceNewest === true) {
    return await replaceNewest(context, accountId, options);
  }
  const key = await context.audited(
    { action: "account rotate", accountId },
    async () => await rotateKey(context.keys, accountId),
  );
  return secondKeyOutput(
    { ingestUrl: context.parameters["ingest-url"], stage: context.keys.stage },
    accountId,
    key,
    `Created a second signing key for account ${accountId} (stage ${options.stage}). The older key keeps working.`,
  );
};

export const retire: Subcommand = async (context, accountId, { stage, yes }) => {
  const confirmedKeys = await readAccountKeys(context.keys, accountId);
  await context.terminal.confirm(
    `This removes the older signing key of account ${accountId} (stage ${stage}). Requests signed with it will be rejected.`,
    yes,
  );
  await context.audited({ action: "account retire", accountId }, async () => {
    await retireKey(context.keys, accountId, confirmedKeys);
  });
  return {
    value: { accountId, keys: 1 },
    text: [
      `Retired the older signing key of account ${accountId} (stage ${stage}). The hub rejects it within 30 seconds.`,
    ],
  };
};

/** Returns the secret that contains an account's API key; `undefined` if the account is not connected. */
async function findApiKeySecret(
  { keys: { secrets, stage }, optionalParameter }: AccountContext,
  accountId: string,
): Promise<SecretOfStage | undefined> {
  // A stage that turns reconcile off has no such secret.
  const secretId = optionalParameter("freshdesk-api-keys-secret-arn");
  const stageApiKeys = secretId === undefined ? undefined : { secrets, secretId, stage };
  return stageApiKeys && (await hasApiKey(stageApiKeys, accountId)) ? stageApiKeys : undefined;
}

/** Formats what `account remove` removes, and the effect. */
function formatRemoval(account: string, hasSigningKeys: boolean, hasStoredApiKey: boolean): string {
  if (!hasSigningKeys) {
    return `This removes the Freshdesk API key of ${account} and stops sweeps of the account. The account does not have a signing key.`;
  }
  return hasStoredApiKey
    ? `This removes all signing keys and the Freshdesk API key of ${account}. Events of the account will be rejected, and sweeps stop.`
    : `This removes all signing keys of ${account}. Events of the account will be rejected.`;
}

export const remove: Subcommand = async (context, accountId, { stage, yes }) => {
  const stageApiKeys = await findApiKeySecret(context, accountId);
  const accounts = await listAccounts(context.keys);
  const hasSigningKeys = accounts.some((account) => account.accountId === accountId);
  if (stageApiKeys === undefined) {
    await readAccountKeys(context.keys, accountId);
  }
  const account = `account ${accountId} (stage ${stage})`;
  const coverageTable = context.optionalParameter("coverage-table-name");
  await context.terminal.confirm(
    formatRemoval(account, hasSigningKeys, stageApiKeys !== undefined),
    yes,
  );
  if (stageApiKeys) {
    await context.audited({ action: "account disconnect", accountId }, async () => {
      await removeApiKey(stageApiKeys, accountId);
    });
  }
  if (hasSigningKeys) {
    await context.audited({ action: "account remove", accountId }, async () => {
      await removeAccount(context.keys, accountId);
    });
  }
  return {
    value: { accountId, keys: 0 },
    text: [
      `Removed ${account}.${hasSigningKeys ? " The hub rejects its events within 30 seconds." : ""}`,
      ...(stageApiKeys ? [API_KEY_REMOVED_NOTICE] : []),
      `Its agents stay in the table. To forget one: ${commandLine(`agent forget ${accountId} AGENT`, stage)}`,
      ...(coverageTable === undefined
        ? []
        : [
            `If the account has channels with coverage, alerts about them continue. To stop the alerts, delete the items of account ${accountId} from the table ${coverageTable} (docs/use/supervision.md).`,
          ]),
    ],
  };
};

export const set: Subcommand = async (context, accountId, { stage, customStatuses = "on" }) => {
  const hasCustomStatuses = customStatuses === "on";
  await context.audited({ action: "account set", accountId, customStatuses }, async () => {
    await setCustomStatuses(context.keys, accountId, hasCustomStatuses);
  });
  return {
    value: { accountId, customStatuses: hasCustomStatuses },
    text: [
      `${formatCustomStatuses(accountId, hasCustomStatuses)} The hub applies the change within 30 seconds (stage ${stage}).`,
    ],
  };
};

const formatAccount = ({ accountId, keys, customStatuses }: ListedAccount) =>
  [
    `  ${accountId}`,
    customStatuses ? "" : "without custom statuses",
    keys > 1 ? "two keys: the older one is not retired" : "",
  ]
    .filter(Boolean)
    .join("  ");

export const list: Subcommand = async (context, _accountId, { stage }) => {
  const accounts = await listAccounts(context.keys);
  const count = formatCount(accounts.length, "account");
  return {
    value: { accounts },
    text: [`${count} (stage ${stage})`, ...accounts.map(formatAccount)],
  };
};
