import { parseArgs } from "node:util";

import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

import { CommandError } from "./command-error.ts";
import { confirm } from "./confirm.ts";
import {
  addAccount,
  checkAccountId,
  listAccounts,
  removeAccount,
  retireKey,
  rotateKey,
} from "./signing-keys.ts";
import { findStageOnRecord, type StageOnRecord } from "./stage-on-record.ts";
import { tellFailure } from "./tell-failure.ts";

const USAGE = `npm run account -- add ID | rotate ID | retire ID | remove ID | list [--stage NAME] [--json] [--yes]

  add ID     makes the signing key of a Freshdesk account, and shows it once
  rotate ID  makes a new key beside the old one, and shows it once; both work
  retire ID  ends the older of two keys
  remove ID  ends all keys of an account: the hub refuses it from now on
  list       the accounts, without their keys

  --stage    the deployed stage; default dev
  --json     for programs
  --yes      does not ask before retire and remove`;

interface Options {
  readonly stage: string;
  readonly json: boolean;
  readonly yes: boolean;
}

/** What a verb came to: the same for programs and for people. */
interface Told {
  readonly facts: object;
  readonly words: string;
}

const parameterNames = ["ingest-url", "signing-keys-secret-arn"] as const;

type Place = StageOnRecord<(typeof parameterNames)[number]>;

type Verb = (place: Place, accountId: string, options: Options) => Promise<Told>;

/** What the relay's settings are called on its installation page. */
function settingsOf(ingestUrl: string, accountId: string, signingKey: string) {
  const { host, pathname } = new URL(ingestUrl);
  const path = `${pathname === "/" ? "" : pathname}/v1/accounts/${accountId}/availability-events`;
  return { url: `${new URL(ingestUrl).origin}${path}`, host, path, signingKey };
}

function pasteWords({ url, host, path, signingKey }: ReturnType<typeof settingsOf>): string {
  return `Paste these into the relay's settings in Freshdesk (Admin > Apps > Manage Apps > the relay > Settings):

  Hub host          ${host}
  Path              ${path}
  Signing key       ${signingKey}

Host and path make the URL ${url}

`;
}

const secrets = () => new SecretsManagerClient();

const add: Verb = async ({ parameters, onRecord }, accountId, { stage }) => {
  const secret = parameters["signing-keys-secret-arn"];
  const key = await onRecord(
    { action: "account add", accountId },
    async () => await addAccount(secrets(), secret, accountId),
  );
  const settings = settingsOf(parameters["ingest-url"], accountId, key);
  return {
    facts: { accountId, ...settings },
    words: `Account ${accountId} is added to stage ${stage}.\n\n${pasteWords(settings)}The key is not shown again. It works within 30 seconds.`,
  };
};

const rotate: Verb = async ({ parameters, onRecord }, accountId, { stage }) => {
  const secret = parameters["signing-keys-secret-arn"];
  const key = await onRecord(
    { action: "account rotate", accountId },
    async () => await rotateKey(secrets(), secret, accountId),
  );
  const settings = settingsOf(parameters["ingest-url"], accountId, key);
  return {
    facts: { accountId, ...settings },
    words: `Account ${accountId} of stage ${stage} has a new signing key beside the old one, which goes on working.\n\nWait 30 seconds, until the hub knows the new one. ${pasteWords(settings)}The key is not shown again. When the relay uses it: npm run account -- retire ${accountId} --stage ${stage}`,
  };
};

const retire: Verb = async ({ parameters, onRecord }, accountId, { stage, yes }) => {
  await confirm(
    `The older signing key of account ${accountId} on stage ${stage} is ended: what is still signed with it is refused.`,
    yes,
  );
  await onRecord({ action: "account retire", accountId }, async () => {
    await retireKey(secrets(), parameters["signing-keys-secret-arn"], accountId);
  });
  return {
    facts: { accountId, keys: 1 },
    words: `The older signing key of account ${accountId} is retired from stage ${stage}. It is refused within 30 seconds.`,
  };
};

const remove: Verb = async ({ parameters, onRecord }, accountId, { stage, yes }) => {
  await confirm(
    `All signing keys of account ${accountId} on stage ${stage} are ended: its changes are refused from now on.`,
    yes,
  );
  await onRecord({ action: "account remove", accountId }, async () => {
    await removeAccount(secrets(), parameters["signing-keys-secret-arn"], accountId);
  });
  return {
    facts: { accountId, keys: 0 },
    words: `Account ${accountId} is removed from stage ${stage}. What it sends is refused within 30 seconds. Its agents stay in the table: npm run agent -- forget ${accountId} AGENT forgets one.`,
  };
};

const list: Verb = async ({ parameters }, _accountId, { stage }) => {
  const accounts = await listAccounts(secrets(), parameters["signing-keys-secret-arn"]);
  const lines = accounts.map(
    ({ accountId, keys }) =>
      `  ${accountId}${keys > 1 ? "  two keys: the older one is not retired" : ""}`,
  );
  const count = `${accounts.length} account${accounts.length === 1 ? "" : "s"}`;
  return {
    facts: { accounts },
    words: [`${count} may write to stage ${stage}.`, ...lines].join("\n"),
  };
};

const verbs = new Map<string, Verb>([
  ["add", add],
  ["rotate", rotate],
  ["retire", retire],
  ["remove", remove],
  ["list", list],
]);

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        stage: { type: "string", default: "dev" },
        json: { type: "boolean", default: false },
        yes: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

await tellFailure(async () => {
  const { values, positionals } = read(process.argv.slice(2));
  const [name = "", ...ids] = positionals;
  const verb = verbs.get(name);
  if (verb === undefined || ids.length !== (name === "list" ? 0 : 1)) {
    throw new CommandError(
      `${JSON.stringify(positionals.join(" "))} is not understood\n\n${USAGE}`,
    );
  }
  const [accountId = ""] = ids;
  if (ids.length > 0) {
    checkAccountId(accountId);
  }
  const { facts, words } = await verb(
    await findStageOnRecord(values.stage, parameterNames),
    accountId,
    values,
  );
  console.log(values.json ? JSON.stringify({ stage: values.stage, ...facts }) : words);
});
