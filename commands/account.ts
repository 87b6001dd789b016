import { parseArgs } from "node:util";

import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";

import { awsFailure } from "./aws-failure.ts";
import { CommandError } from "./command-error.ts";
import { findStage } from "./deployed-stage.ts";
import { addAccount } from "./signing-keys.ts";

const USAGE = `npm run account -- add ID [--stage NAME] [--json]

  add ID   makes the signing key of a Freshdesk account, and shows it once

  --stage  the deployed stage; default dev
  --json   for programs`;

/** What the relay's settings are called on its installation page. */
function settingsOf(ingestUrl: string, accountId: string, signingKey: string) {
  const { host, pathname } = new URL(ingestUrl);
  const path = `${pathname === "/" ? "" : pathname}/v1/accounts/${accountId}/availability-events`;
  return { host, path, signingKey };
}

function wordsOf({ host, path, signingKey }: ReturnType<typeof settingsOf>): string {
  return `Paste these into the relay's settings in Freshdesk (Admin > Apps > Manage Apps > the relay > Settings):

  Hub host          ${host}
  Path              ${path}
  Signing key       ${signingKey}

The key is not shown again. It works within 30 seconds.`;
}

async function add(accountId: string, stage: string, json: boolean): Promise<void> {
  const deployed = await findStage(new SSMClient(), stage);
  const secret = deployed["signing-keys-secret-arn"];
  const signingKey = await addAccount(new SecretsManagerClient(), secret, accountId);
  const settings = settingsOf(deployed["ingest-url"], accountId, signingKey);
  const told = { stage, accountId, ...settings };
  console.log(
    json
      ? JSON.stringify(told)
      : `Account ${accountId} is added to stage ${stage}.\n\n${wordsOf(settings)}`,
  );
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        stage: { type: "string", default: "dev" },
        json: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [verb, accountId, ...more] = positionals;
  if (verb !== "add" || accountId === undefined || more.length > 0) {
    throw new CommandError(
      `${JSON.stringify(positionals.join(" "))} is not understood\n\n${USAGE}`,
    );
  }
  await add(accountId, values.stage, values.json);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const sentence = error instanceof CommandError ? error.message : awsFailure(error);
  if (sentence === undefined) {
    throw error;
  }
  console.error(sentence);
  process.exitCode = 1;
}
