import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type Command, Option } from "commander";

import { addByDomain, connect, CONNECTION_PARAMETERS, disconnect } from "./account/connection.ts";
import { parseDomain } from "./account/freshdesk-account.ts";
import {
  add,
  list,
  type Options,
  PARAMETERS,
  remove,
  retire,
  rotate,
  set,
  type Subcommand,
} from "./account/key-commands.ts";
import type { StageParameter } from "../lib/stage-parameter-names.ts";
import { parseAccountId, YES_OPTION } from "./shared/arguments.ts";
import { CommandError } from "./shared/command-error.ts";
import { openStage } from "./shared/deployed-stage.ts";
import type { Terminal } from "./shared/terminal.ts";

export function addAccountCommand(program: Command, terminal: Terminal): void {
  const account = program
    .command("account")
    .description("manage the Freshdesk accounts that may send events, and their keys");

  const perform = async <Name extends StageParameter>(
    subcommand: Subcommand<Name>,
    accountId: string,
    command: Command,
    parameters: readonly Name[] = [],
  ) => {
    const options = command.optsWithGlobals<Options>();
    const { stage, json } = options;
    const found = await openStage(stage, [...PARAMETERS, ...parameters], terminal);
    const secretId = found.parameters["signing-keys-secret-arn"];
    const keys = { secrets: new SecretsManagerClient(), secretId, stage };
    const { value, text } = await subcommand({ ...found, keys, terminal }, accountId, options);
    terminal.print({ json, value: { stage, ...value }, text });
  };
  const ofOneAccount = <Name extends StageParameter>(
    name: string,
    description: string,
    subcommand: Subcommand<Name>,
    parameters?: readonly Name[],
  ) =>
    account
      .command(name)
      .description(description)
      .argument("<id>", "Freshdesk account ID, digits only", parseAccountId)
      .action(async (accountId: string, _options: object, command: Command) => {
        await perform(subcommand, accountId, command, parameters);
      });

  account
    .command("add")
    .description("create the signing key of an account, and print it once")
    .argument("[id]", "Freshdesk account ID, digits only", parseAccountId)
    .option(
      "--domain <domain>",
      "the account's domain, such as acme.freshdesk.com, instead of the ID. Asks for an administrator's API key, or reads it from stdin, and starts to reconcile the account",
      parseDomain,
    )
    .option(
      "--without-custom-statuses",
      "the account does not have Freshdesk's custom-status feature",
      false,
    )
    .action(async (accountId: string | undefined, _options: object, command: Command) => {
      const { domain } = command.opts<Options>();
      if ((accountId === undefined) === (domain === undefined)) {
        throw new CommandError("either an account ID or --domain is required, but not both");
      }
      if (accountId !== undefined) {
        await perform(add, accountId, command);
      } else {
        await perform(addByDomain, "", command, CONNECTION_PARAMETERS);
      }
    });
  ofOneAccount(
    "connect",
    "store or replace the Freshdesk API key with which reconcile reads an account. Asks for the key, or reads it from stdin",
    connect,
    CONNECTION_PARAMETERS,
  ).requiredOption(
    "--domain <domain>",
    "the account's domain, such as acme.freshdesk.com",
    parseDomain,
  );
  ofOneAccount(
    "disconnect",
    "remove the Freshdesk API key of an account, and stop reconciling the account",
    disconnect,
    CONNECTION_PARAMETERS,
  ).option(...YES_OPTION);
  ofOneAccount(
    "set",
    "record whether an account has Freshdesk's custom-status feature",
    set,
  ).addOption(
    new Option("--custom-statuses <on|off>", "whether the account has the custom-status feature")
      .choices(["on", "off"])
      .makeOptionMandatory(),
  );
  ofOneAccount(
    "rotate",
    "create a second signing key, and print it once; the older key keeps working",
    rotate,
  )
    .option("--replace-newest", "replace the newer of two keys, if it was lost", false)
    .option(...YES_OPTION);
  ofOneAccount("retire", "remove the older of two signing keys", retire).option(...YES_OPTION);
  ofOneAccount(
    "remove",
    "remove all signing keys of an account, and its Freshdesk API key",
    remove,
  ).option(...YES_OPTION);
  account
    .command("list")
    .description("list the accounts, without their keys")
    .action(async (_options: object, command: Command) => {
      await perform(list, "", command);
    });
}
