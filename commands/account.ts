import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type Command, Option } from "commander";

import { formatAccounts } from "./account/format-accounts.ts";
import { formatSettings, relaySettings, secondKey } from "./account/relay-settings.ts";
import {
  addAccount,
  type KeysOfStage,
  listAccounts,
  readAccountKeys,
  removeAccount,
  replaceNewestKey,
  retireKey,
  rotateKey,
  setCustomStatuses,
} from "./account/signing-keys.ts";
import {
  commandLine,
  type ConfirmOptions,
  type GlobalOptions,
  parseAccountId,
  YES_OPTION,
} from "./shared/arguments.ts";
import { type AuditedStage, openStage } from "./shared/stage.ts";
import type { Terminal } from "./shared/terminal.ts";

const PARAMETERS = ["ingest-url", "signing-keys-secret-arn"] as const;

interface Options extends GlobalOptions, ConfirmOptions {
  readonly replaceNewest?: boolean;
  readonly withoutCustomStatuses?: boolean;
  /** Of `account set`. */
  readonly customStatuses?: "on" | "off";
}

/** An open stage with its signing keys. */
interface Place extends AuditedStage<(typeof PARAMETERS)[number]> {
  readonly keys: KeysOfStage;
  readonly terminal: Terminal;
}

/** A subcommand's work. Returns the result for programs and for people. */
type Work = (
  place: Place,
  accountId: string,
  options: Options,
) => Promise<{ readonly value: object; readonly text: readonly string[] }>;

/** The result of a change of the mark. */
const formatMark = (accountId: string, hasCustomStatuses: boolean) =>
  `Marked account ${accountId} as one ${hasCustomStatuses ? "with" : "without"} custom statuses.`;

const add: Work = async (place, accountId, { stage, withoutCustomStatuses = false }) => {
  const hasCustomStatuses = !withoutCustomStatuses;
  const key = await place.audited(
    { action: "account add", accountId, ...(withoutCustomStatuses && { customStatuses: "off" }) },
    async () => await addAccount(place.keys, accountId, { hasCustomStatuses }),
  );
  const settings = relaySettings(place.parameters["ingest-url"], accountId, key);
  return {
    value: { accountId, ...settings, customStatuses: hasCustomStatuses },
    text: [
      `Created a signing key for account ${accountId} (stage ${stage}).`,
      ...(withoutCustomStatuses ? [formatMark(accountId, false)] : []),
      "",
      ...formatSettings(settings),
      "The key is not shown again. The hub accepts it within 30 seconds.",
    ],
  };
};

const replaceNewest: Work = async (place, accountId, { stage, yes }) => {
  const seen = await readAccountKeys(place.keys, accountId);
  await place.terminal.confirm(
    `The newest signing key of account ${accountId} (stage ${stage}) is replaced. A relay that already uses it is rejected, and parks its events until it has the new key. The older key keeps working.`,
    yes,
  );
  const key = await place.audited(
    { action: "account rotate", accountId, replaced: "newest key" },
    async () => await replaceNewestKey(place.keys, accountId, seen),
  );
  return secondKey(
    { ingestUrl: place.parameters["ingest-url"], stage: place.keys.stage },
    accountId,
    key,
    `Replaced the newest signing key of account ${accountId} (stage ${stage}). The older key keeps working.`,
  );
};

const rotate: Work = async (place, accountId, options) => {
  if (options.replaceNewest === true) {
    return await replaceNewest(place, accountId, options);
  }
  const key = await place.audited(
    { action: "account rotate", accountId },
    async () => await rotateKey(place.keys, accountId),
  );
  return secondKey(
    { ingestUrl: place.parameters["ingest-url"], stage: place.keys.stage },
    accountId,
    key,
    `Created a second signing key for account ${accountId} (stage ${options.stage}). The older key keeps working.`,
  );
};

const retire: Work = async (place, accountId, { stage, yes }) => {
  const seen = await readAccountKeys(place.keys, accountId);
  await place.terminal.confirm(
    `The older signing key of account ${accountId} (stage ${stage}) is removed. Requests signed with it are rejected.`,
    yes,
  );
  await place.audited({ action: "account retire", accountId }, async () => {
    await retireKey(place.keys, accountId, seen);
  });
  return {
    value: { accountId, keys: 1 },
    text: [
      `Retired the older signing key of account ${accountId} (stage ${stage}). The hub rejects it within 30 seconds.`,
    ],
  };
};

const remove: Work = async (place, accountId, { stage, yes }) => {
  await place.terminal.confirm(
    `All signing keys of account ${accountId} (stage ${stage}) are removed. Its events are rejected.`,
    yes,
  );
  await place.audited({ action: "account remove", accountId }, async () => {
    await removeAccount(place.keys, accountId);
  });
  return {
    value: { accountId, keys: 0 },
    text: [
      `Removed account ${accountId} (stage ${stage}). The hub rejects its events within 30 seconds.`,
      `Its agents stay in the table. To forget one: ${commandLine(`agent forget ${accountId} AGENT`, stage)}`,
    ],
  };
};

const set: Work = async (place, accountId, { stage, customStatuses = "on" }) => {
  const hasCustomStatuses = customStatuses === "on";
  await place.audited({ action: "account set", accountId, customStatuses }, async () => {
    await setCustomStatuses(place.keys, accountId, hasCustomStatuses);
  });
  return {
    value: { accountId, customStatuses: hasCustomStatuses },
    text: [
      `${formatMark(accountId, hasCustomStatuses)} The hub applies it within 30 seconds (stage ${stage}).`,
    ],
  };
};

const list: Work = async (place, _accountId, { stage }) => {
  const accounts = await listAccounts(place.keys);
  return {
    value: { accounts },
    text: formatAccounts(accounts, stage),
  };
};

/** Adds `account` and its subcommands. */
export function addAccountCommand(program: Command, terminal: Terminal): void {
  const account = program
    .command("account")
    .description("manage the Freshdesk accounts that may send events, and their signing keys");

  const perform = async (work: Work, accountId: string, command: Command) => {
    const options = command.optsWithGlobals<Options>();
    const { stage, json } = options;
    const found = await openStage(stage, PARAMETERS, terminal);
    const secretId = found.parameters["signing-keys-secret-arn"];
    const keys = { secrets: new SecretsManagerClient(), secretId, stage };
    const { value, text } = await work({ ...found, keys, terminal }, accountId, options);
    terminal.print({ json, value: { stage, ...value }, text });
  };
  const ofOneAccount = (name: string, description: string, work: Work) =>
    account
      .command(name)
      .description(description)
      .argument("<id>", "Freshdesk account ID, digits only", parseAccountId)
      .action(async (accountId: string, _options: object, command: Command) => {
        await perform(work, accountId, command);
      });

  ofOneAccount("add", "create the signing key of an account, and print it once", add).option(
    "--without-custom-statuses",
    "the account does not have Freshdesk's custom-status feature",
    false,
  );
  ofOneAccount(
    "set",
    "mark whether an account has Freshdesk's custom-status feature",
    set,
  ).addOption(
    new Option("--custom-statuses <on|off>", "whether the account has the feature")
      .choices(["on", "off"])
      .makeOptionMandatory(),
  );
  ofOneAccount("rotate", "create a second signing key, and print it once; both keys work", rotate)
    .option("--replace-newest", "replace the newest of two keys, if it was lost", false)
    .option(...YES_OPTION);
  ofOneAccount("retire", "remove the older of two signing keys", retire).option(...YES_OPTION);
  ofOneAccount("remove", "remove all signing keys of an account", remove).option(...YES_OPTION);
  account
    .command("list")
    .description("list the accounts, without their keys")
    .action(async (_options: object, command: Command) => {
      await perform(list, "", command);
    });
}
