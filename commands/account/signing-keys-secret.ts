import {
  formatSecret,
  parseSecret,
  type SigningKeysSecret,
} from "../../functions/signing-keys/secret.ts";
import { commandLine } from "../shared/arguments.ts";
import { CommandError } from "../shared/command-error.ts";
import { createVersionedSecret, type SecretOfStage } from "../shared/versioned-secret.ts";

export const secretOf = (stageSecret: SecretOfStage) =>
  createVersionedSecret<SigningKeysSecret>(stageSecret, {
    name: "signing keys",
    parse: parseSecret,
    format: formatSecret,
    empty: {},
  });

/** Returns an `account` command to paste. */
export const accountCommand = ({ stage }: SecretOfStage, subcommand: string) =>
  commandLine(`account ${subcommand}`, stage);

/**
 * Returns the keys of an account, the newest first.
 *
 * @throws CommandError if it has none.
 */
export function keysOf(
  keys: SigningKeysSecret,
  accountId: string,
  stageKeys: SecretOfStage,
): readonly string[] {
  const accountKeys = Object.hasOwn(keys, accountId) ? keys[accountId]?.keys : undefined;
  if (accountKeys === undefined) {
    throw new CommandError(
      `account ${accountId} has no signing key (stage ${stageKeys.stage}). List the accounts that have one: ${accountCommand(stageKeys, "list")}`,
    );
  }
  return accountKeys;
}
