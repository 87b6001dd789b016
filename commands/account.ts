import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type Command, Option } from "commander";

import { addByDomain, connect, disconnect } from "./account/connection.ts";
import {
  add,
  list,
  type Options,
  PARAMETERS,
  type CommandOutput,
  remove,
  retire,
  rotate,
  set,
  type Subcommand,
} from "./account/key-commands.ts";
import { parseAccountId, YES_OPTION } from "./shared/arguments.ts";
import { CommandError } from "./shared/command-error.ts";
import { openStage } from "./shared/stage.ts";
import type { Terminal } from "./shared/terminal.ts";

export function addAccountCommand(program: Command, terminal: Terminal): void {
  const account = program
    .command("account")
    .description("manage the Freshdesk accounts that may send events, and their keys");

  const print = ({ stage, json }: Options, { value, text }: CommandOutput) => {
    terminal.print({ json, value: { stage, ...value }, text });
  };
  const perform = async (subcommand: Subcommand, accountId: string, command: Command) => {
    const options = command.optsWithGlobals<Options>();
    const { stage } = options;
    const found = await openStage(stage, PARAMETERS, terminal);
    const secretId = found.parameters["signing-keys-secret-arn"];
    const keys = { secrets: new SecretsManagerClient(), secretId, stage };
    print(options, await subcommand({ ...found, keys, terminal }, accountId, options));
  };
  const ofOneAccount = (name: string, description: string, subcommand: Subcommand) =>
    account
      .command(name)
      .description(description)
      .argument("<id>", "Freshdesk account ID, digits only", parseAccountId)
      .action(async (accountId: string, _options: object, command: Command) => {
        await perform(subcommand, accountId, command);
      });

  account
    .command("add")
    .description("create the signing key of an account, and print it once")
    .argument("[id]", "Freshdesk account ID, digits only", parseAccountId)
    .option(
      "--domain <domain>",
      "the account's domain, such as acme.freshdesk.com, instead of the ID. Asks for an administrator's API key, or reads it from stdin, and starts to reconcile the account",
    )
    .option(
      "--without-custom-statuses",
      "the account does not have Freshdesk's custom-status feature",
      false,
    )
    .action(async (accountId: string | undefined, _options: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { stage, domain, withoutCustomStatuses = false } = options;
      if ((accountId === undefined) === (domain === undefined)) {
        throw new CommandError("either an account ID or --domain is required, but not both");
      }
      if (accountId !== undefined) {
        await perform(add, accountId, command);
      } else if (domain !== undefined) {
        const hasCustomStatuses = !withoutCustomStatuses;
        print(options, await addByDomain({ stage, terminal }, { domain, hasCustomStatuses }));
      }
    });
  account
    .command("connect")
    .description(
      "store or replace the Freshdesk API key with which reconcile reads an account. Asks for the key, or reads it from stdin",
    )
    .argument("<id>", "Freshdesk account ID, digits only", parseAccountId)
    .requiredOption("--domain <domain>", "the account's domain, such as acme.freshdesk.com")
    .action(async (accountId: string, _options: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { stage, domain = "" } = options;
      print(options, await connect({ stage, terminal }, accountId, { domain }));
    });
  account
    .command("disconnect")
    .description("remove the Freshdesk API key of an account, and stop reconciling the account")
    .argument("<id>", "Freshdesk account ID, digits only", parseAccountId)
    .option(...YES_OPTION)
    .action(async (accountId: string, _options: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { stage, yes } = options;
      print(options, await disconnect({ stage, terminal }, accountId, { yes }));
    });
  ofOneAccount(
    "set",
    "set whether an account has Freshdesk's custom-status feature",
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
