import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

import {
  commandWords,
  misunderstood,
  readCommandLine,
  refuseOthers,
  stageOptions,
} from "./command-line.ts";
import { confirm } from "./confirm.ts";
import {
  addAccount,
  checkAccountId,
  type KeysPlace,
  listAccounts,
  removeAccount,
  replaceNewestKey,
  retireKey,
  rotateKey,
  seeKeys,
} from "./signing-keys.ts";
import { findStageOnRecord, type StageOnRecord } from "./stage-on-record.ts";
import { tellFailure } from "./tell-failure.ts";

const USAGE = `npm run account -- add ID | rotate ID | retire ID | remove ID | list [--stage NAME] [--json] [--yes]
npm run account -- rotate ID --replace-newest [--stage NAME] [--json] [--yes]

  add ID     makes the signing key of a Freshdesk account, and shows it once
  rotate ID  makes a new key beside the old one, and shows it once; both work
  retire ID  ends the older of two keys
  remove ID  ends all keys of an account: the hub refuses it from now on
  list       the accounts, without their keys

  --replace-newest  for a new key that was lost after it was shown: rotate makes another in its place, and
                    the older one, which the relay uses, goes on working
  --stage           the deployed stage; default dev
  --json            for programs
  --yes             does not ask before it ends a key`;

interface Options {
  readonly stage: string;
  readonly json: boolean;
  readonly yes: boolean;
  readonly "replace-newest": boolean;
}

/** What a verb came to: the same for programs and for people. */
interface Told {
  readonly facts: object;
  readonly words: string;
}

const parameterNames = ["ingest-url", "signing-keys-secret-arn"] as const;

/** A deployed stage, with its keys. */
interface Place extends StageOnRecord<(typeof parameterNames)[number]> {
  readonly keys: KeysPlace;
}

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

const add: Verb = async (place, accountId, { stage }) => {
  const key = await place.onRecord(
    { action: "account add", accountId },
    async () => await addAccount(place.keys, accountId),
  );
  const settings = settingsOf(place.parameters["ingest-url"], accountId, key);
  return {
    facts: { accountId, ...settings },
    words: `Account ${accountId} is added to stage ${stage}.\n\n${pasteWords(settings)}The key is not shown again. It works within 30 seconds.`,
  };
};

/** What is told of a new key that has an older one beside it. */
function toldOfNew(place: Place, accountId: string, key: string, has: string): Told {
  const { parameters, keys } = place;
  const settings = settingsOf(parameters["ingest-url"], accountId, key);
  const retiring = commandWords(`account -- retire ${accountId}`, keys.stage);
  return {
    facts: { accountId, ...settings },
    words: `Account ${accountId} of stage ${keys.stage} has ${has}, which goes on working.\n\nWait 30 seconds, until the hub knows the new one. ${pasteWords(settings)}The key is not shown again. When the relay uses it: ${retiring}`,
  };
}

const replaceNewest: Verb = async (place, accountId, { stage, yes }) => {
  const seen = await seeKeys(place.keys, accountId);
  await confirm(
    `The newest signing key of account ${accountId} on stage ${stage} is ended, and another takes its place: a relay that has it already is refused, and parks, until the other is pasted. The older key goes on working.`,
    yes,
  );
  const key = await place.onRecord(
    { action: "account rotate", accountId, replaced: "newest key" },
    async () => await replaceNewestKey(place.keys, accountId, seen),
  );
  return toldOfNew(
    place,
    accountId,
    key,
    "another signing key in the place of its newest, beside the older one",
  );
};

const rotate: Verb = async (place, accountId, options) => {
  if (options["replace-newest"]) {
    return await replaceNewest(place, accountId, options);
  }
  const key = await place.onRecord(
    { action: "account rotate", accountId },
    async () => await rotateKey(place.keys, accountId),
  );
  return toldOfNew(place, accountId, key, "a new signing key beside the old one");
};

const retire: Verb = async (place, accountId, { stage, yes }) => {
  const seen = await seeKeys(place.keys, accountId);
  await confirm(
    `The older signing key of account ${accountId} on stage ${stage} is ended: what is still signed with it is refused.`,
    yes,
  );
  await place.onRecord({ action: "account retire", accountId }, async () => {
    await retireKey(place.keys, accountId, seen);
  });
  return {
    facts: { accountId, keys: 1 },
    words: `The older signing key of account ${accountId} is retired from stage ${stage}. It is refused within 30 seconds.`,
  };
};

const remove: Verb = async (place, accountId, { stage, yes }) => {
  await confirm(
    `All signing keys of account ${accountId} on stage ${stage} are ended: its changes are refused from now on.`,
    yes,
  );
  await place.onRecord({ action: "account remove", accountId }, async () => {
    await removeAccount(place.keys, accountId);
  });
  return {
    facts: { accountId, keys: 0 },
    words: `Account ${accountId} is removed from stage ${stage}. What it sends is refused within 30 seconds. Its agents stay in the table: ${commandWords(`agent -- forget ${accountId} AGENT`, stage)} forgets one.`,
  };
};

const list: Verb = async (place, _accountId, { stage }) => {
  const accounts = await listAccounts(place.keys);
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

/** What is given after a verb's name, which options mean something with it only, and what it does. */
interface VerbLine {
  readonly ids: number;
  readonly own: readonly string[];
  readonly run: Verb;
}

const verbs = new Map<string, VerbLine>([
  ["add", { ids: 1, own: [], run: add }],
  ["rotate", { ids: 1, own: ["replace-newest"], run: rotate }],
  ["retire", { ids: 1, own: [], run: retire }],
  ["remove", { ids: 1, own: [], run: remove }],
  ["list", { ids: 0, own: [], run: list }],
]);

function read(args: readonly string[]) {
  return readCommandLine(USAGE, {
    args: [...args],
    allowPositionals: true,
    options: {
      yes: { type: "boolean", default: false },
      "replace-newest": { type: "boolean", default: false },
      ...stageOptions,
    },
  });
}

async function placeOf(stage: string): Promise<Place> {
  const found = await findStageOnRecord(stage, parameterNames);
  const secretId = found.parameters["signing-keys-secret-arn"];
  return { ...found, keys: { secrets: new SecretsManagerClient(), secretId, stage } };
}

await tellFailure(async () => {
  const { values, positionals } = read(process.argv.slice(2));
  const [name = "", ...ids] = positionals;
  const verb = verbs.get(name);
  if (verb?.ids !== ids.length) {
    throw misunderstood(`${JSON.stringify(positionals.join(" "))} is not understood`, USAGE);
  }
  refuseOthers(values, verb.own, name);
  const [accountId = ""] = ids;
  if (ids.length > 0) {
    checkAccountId(accountId);
  }
  const { facts, words } = await verb.run(await placeOf(values.stage), accountId, values);
  console.log(values.json ? JSON.stringify({ stage: values.stage, ...facts }) : words);
});
