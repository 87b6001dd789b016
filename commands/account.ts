import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Command } from "commander";

import {
  addAccount,
  type KeysOfStage,
  listAccounts,
  readAccountKeys,
  removeAccount,
  replaceNewestKey,
  retireKey,
  rotateKey,
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

/** The relay's settings, named as on its installation page. */
function relaySettings(place: Place, accountId: string, signingKey: string) {
  const { origin, host, pathname } = new URL(place.parameters["ingest-url"]);
  const path = `${pathname === "/" ? "" : pathname}/v1/accounts/${accountId}/availability-events`;
  return { url: `${origin}${path}`, host, path, signingKey };
}

function formatSettings({ url, host, path, signingKey }: ReturnType<typeof relaySettings>) {
  return [
    "Paste these values into the relay's settings in Freshdesk (Admin > Apps > Manage Apps > the relay > Settings):",
    "",
    `  Hub host          ${host}`,
    `  Path              ${path}`,
    `  Signing key       ${signingKey}`,
    "",
    `Host and path form the URL ${url}`,
    "",
  ];
}

/** The result of a command that created a key beside an older one. */
function secondKey(place: Place, accountId: string, key: string, created: string) {
  const settings = relaySettings(place, accountId, key);
  const retire = commandLine(`account retire ${accountId}`, place.keys.stage);
  return {
    value: { accountId, ...settings },
    text: [
      created,
      "",
      "Wait 30 seconds until the hub accepts the new key.",
      ...formatSettings(settings),
      "The key is not shown again.",
      `When the relay uses it, retire the older key: ${retire}`,
    ],
  };
}

const add: Work = async (place, accountId, { stage }) => {
  const key = await place.audited(
    { action: "account add", accountId },
    async () => await addAccount(place.keys, accountId),
  );
  const settings = relaySettings(place, accountId, key);
  return {
    value: { accountId, ...settings },
    text: [
      `Created a signing key for account ${accountId} (stage ${stage}).`,
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
    place,
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
    place,
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

const list: Work = async (place, _accountId, { stage }) => {
  const accounts = await listAccounts(place.keys);
  return {
    value: { accounts },
    text: [
      `${accounts.length} ${accounts.length === 1 ? "account" : "accounts"} (stage ${stage})`,
      ...accounts.map(
        ({ accountId, keys }) =>
          `  ${accountId}${keys > 1 ? "  two keys: the older one is not retired" : ""}`,
      ),
    ],
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

  ofOneAccount("add", "create the signing key of an account, and print it once", add);
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
