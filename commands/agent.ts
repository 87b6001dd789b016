import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SSMClient } from "@aws-sdk/client-ssm";

import { createAgentLookup } from "../client/lookups/agent-lookup.ts";
import { agentInWords, agentsInWords, availableInWords } from "./agent-in-words.ts";
import { CommandError } from "./command-error.ts";
import { misunderstood, readCommandLine, refuseOthers, stageOptions } from "./command-line.ts";
import { findParameters } from "./deployed-stage.ts";
import { findAgents } from "./find-agents.ts";
import { lastOf } from "./forget/copies.ts";
import { forgetAgent } from "./forget/forget-agent.ts";
import { reportWords } from "./forget/words.ts";
import { limitIn, listAll, listAvailable } from "./list-agents.ts";
import { tellFailure } from "./tell-failure.ts";

const USAGE = `npm run agent -- show ACCOUNT AGENT [--stage NAME] [--json]
npm run agent -- list ACCOUNT [--channel NAME] [--limit N] [--stage NAME] [--json]
npm run agent -- forget ACCOUNT AGENT [--exact] [--yes] [--stage NAME] [--json]

  show ACCOUNT AGENT  one agent of a Freshdesk account, by any of its ids: e-mail address,
                      availability id, or agent id in Freshdesk, Freshchat or Freshcaller
  list ACCOUNT        everybody of the account; with --channel who is available there now,
                      longest waiting first
  forget ACCOUNT AGENT  removes all that is known of one agent, and reports what copies remain
                      where until when

  --channel  freshdesk, freshchat or freshcaller
  --limit    the most that list shows; default 100
  --exact    AGENT is the availability id, and no other kind of id
  --yes      does not ask before it forgets
  --stage    the deployed stage; default dev
  --json     for programs`;

const options = {
  channel: { type: "string" },
  limit: { type: "string" },
  exact: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  ...stageOptions,
} as const;

function read(args: readonly string[]) {
  return readCommandLine(USAGE, { args: [...args], allowPositionals: true, options });
}

type Typed = ReturnType<typeof read>["values"];

/** What a verb has to work with. */
interface Ask {
  readonly accountId: string;
  readonly agentId: string;
  readonly typed: Typed;
}

async function tableOf({ stage }: Typed) {
  const { "table-name": tableName } = await findParameters(new SSMClient(), stage, ["table-name"]);
  return { tableName, client: new DynamoDBClient() };
}

/** Programs get what was asked and the answer; people the words. */
function tell({ accountId, typed }: Ask, answer: object, words: string): void {
  console.log(typed.json ? JSON.stringify({ stage: typed.stage, accountId, ...answer }) : words);
}

async function show(ask: Ask): Promise<void> {
  const { accountId, agentId, typed } = ask;
  const { matches, removedAt } = await findAgents(await tableOf(typed), accountId, agentId);
  const removed =
    removedAt === undefined
      ? ""
      : `Agent ${agentId} of account ${accountId} was forgotten on ${removedAt} (stage ${typed.stage}).`;
  if (matches.length === 0) {
    throw new CommandError(
      removed ||
        `agent ${JSON.stringify(agentId)} not found in account ${accountId} (stage ${typed.stage}). Agents appear after their first availability event.`,
    );
  }
  const now = new Date();
  const agents = matches.map(({ agent }) => agent);
  const shown = matches.map((match) => agentInWords(match, now));
  tell(
    ask,
    { agents, ...(removedAt && { removedAt }) },
    [...(removed ? [removed] : []), ...shown].join("\n\n"),
  );
}

async function list(ask: Ask): Promise<void> {
  const { accountId, typed } = ask;
  const { channel, stage } = typed;
  const limit = limitIn(typed.limit);
  const lookup = createAgentLookup(await tableOf(typed));
  const now = new Date();
  const wordsOf = (words: string, nobody: string, more: boolean) =>
    (words || nobody) + (more ? `\n\nThese are the first ${limit}; --limit shows more.` : "");
  if (channel === undefined) {
    const listed = await listAll(lookup, accountId, limit);
    const nobody = `Nobody of account ${accountId} is known in stage ${stage}.`;
    tell(ask, listed, wordsOf(agentsInWords(listed.agents, now), nobody, listed.more));
  } else {
    const listed = await listAvailable(lookup, { accountId, channel }, limit);
    const nobody = `Nobody of account ${accountId} is available on ${channel} in stage ${stage}.`;
    const words = wordsOf(availableInWords(listed.agents, now), nobody, listed.more);
    tell(ask, { channel, ...listed }, words);
  }
}

async function forget(ask: Ask): Promise<void> {
  const { accountId, agentId, typed } = ask;
  const report = await forgetAgent({ accountId, agentId, ...typed });
  const answer = { ...report, lastCopyUntil: lastOf(report.copies) };
  tell(ask, answer, reportWords(report, typed.stage));
}

/** What each verb is given after its name, which options mean something with it, and what it does. */
const verbs = {
  show: { ids: 2, own: [], run: show },
  list: { ids: 1, own: ["channel", "limit"], run: list },
  forget: { ids: 2, own: ["exact"], run: forget },
} as const;

const isVerb = (text: string): text is keyof typeof verbs => Object.hasOwn(verbs, text);

await tellFailure(async () => {
  const { values: typed, positionals } = read(process.argv.slice(2));
  const [verb = "", accountId = "", agentId = ""] = positionals;
  const known = isVerb(verb) ? verbs[verb] : undefined;
  if (known?.ids !== positionals.length - 1) {
    throw misunderstood(`${JSON.stringify(positionals.join(" "))} is not understood`, USAGE);
  }
  refuseOthers(typed, known.own, verb);
  await known.run({ accountId, agentId, typed });
});
