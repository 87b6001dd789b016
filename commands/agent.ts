import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Command } from "commander";

import { createAgentLookup } from "../client/lookups/agent-lookup.ts";
import { findAgents, LOOKUP_DEADLINE_MS } from "./agent/find-agents.ts";
import { forgetAgent } from "./agent/forget.ts";
import { formatAgent, formatAgents, formatAvailableAgents } from "./agent/format-agents.ts";
import { formatForgetReport } from "./agent/format-forget-report.ts";
import { addHistoryCommand } from "./agent/history-command.ts";
import { listAll, listAvailable } from "./agent/list-agents.ts";
import { formatRemoval, notFound } from "./agent/not-found.ts";
import { lastCopyUntil } from "./agent/remaining-copies.ts";
import {
  type ConfirmOptions,
  type GlobalOptions,
  parseAccountId,
  wholeNumber,
  YES_OPTION,
} from "./shared/arguments.ts";
import { findParameters } from "./shared/deployed-stage.ts";
import type { Terminal } from "./shared/terminal.ts";

interface ListOptions extends GlobalOptions {
  readonly channel?: string;
  readonly limit: number;
}

interface ForgetOptions extends GlobalOptions, ConfirmOptions {
  readonly exact: boolean;
}

/** Returns the name of a stage's table of agents, and a client. */
async function tableOf(stage: string) {
  const { "table-name": tableName } = await findParameters(new SSMClient(), stage, ["table-name"]);
  return { tableName, client: new DynamoDBClient() };
}

async function show(
  accountId: string,
  agentId: string,
  { stage, json }: GlobalOptions,
  terminal: Terminal,
): Promise<void> {
  const requested = { stage, accountId, agentId };
  const found = await findAgents(await tableOf(stage), accountId, agentId);
  const { matches, removal } = found;
  if (matches.length === 0) {
    throw notFound(found, requested);
  }
  const removalText = formatRemoval(found, requested);
  if (removalText !== undefined) {
    terminal.note(removalText);
  }
  const now = new Date();
  terminal.print({
    json,
    value: { stage, accountId, agents: matches.map(({ agent }) => agent), ...removal },
    text: matches.flatMap((match, index) =>
      index === 0 ? formatAgent(match, now) : [""].concat(formatAgent(match, now)),
    ),
  });
}

async function list(
  accountId: string,
  { stage, json, channel, limit }: ListOptions,
  terminal: Terminal,
): Promise<void> {
  const lookup = createAgentLookup({ ...(await tableOf(stage)), deadlineMs: LOOKUP_DEADLINE_MS });
  const now = new Date();
  const print = (value: object, table: readonly string[], none: string, more: boolean) => {
    const hint = more ? ["", `Showing the first ${limit}. Use --limit to show more.`] : [];
    const text = table.length === 0 ? [none] : [...table, ...hint];
    terminal.print({ json, value: { stage, accountId, ...value }, text });
  };
  if (channel === undefined) {
    const listed = await listAll(lookup, accountId, limit);
    const none = `No agents in account ${accountId} (stage ${stage}). Agents appear after their first availability event.`;
    print(listed, formatAgents(listed.agents, now), none, listed.more);
  } else {
    const listed = await listAvailable(lookup, { accountId, channel }, limit);
    const none = `No agent of account ${accountId} is available on ${channel} (stage ${stage}).`;
    const table = formatAvailableAgents(listed.agents, now);
    print({ channel, ...listed }, table, none, listed.more);
  }
}

async function forget(
  accountId: string,
  agentId: string,
  options: ForgetOptions,
  terminal: Terminal,
): Promise<void> {
  const { stage, json } = options;
  const report = await forgetAgent({ accountId, agentId, ...options }, terminal);
  terminal.print({
    json,
    value: { stage, ...report, lastCopyUntil: lastCopyUntil(report.copies) },
    text: formatForgetReport(report, stage),
  });
}

export function addAgentCommand(program: Command, terminal: Terminal): void {
  const agent = program.command("agent").description("look up, list and forget agents");

  agent
    .command("show")
    .description("show one agent, by any of the agent's IDs")
    .argument("<account>", "Freshdesk account ID", parseAccountId)
    .argument("<agent>", "email address, availability ID, user ID, or agent ID in a channel")
    .action(async (accountId: string, agentId: string, _options: object, command: Command) => {
      await show(accountId, agentId, command.optsWithGlobals(), terminal);
    });

  addHistoryCommand(agent, terminal);

  agent
    .command("list")
    .description("list all agents of an account, or the agents available on a channel")
    .argument("<account>", "Freshdesk account ID", parseAccountId)
    .option(
      "--channel <name>",
      "only agents available on freshdesk, freshchat or freshcaller, longest available first",
    )
    .option("--limit <number>", "maximum number of agents to list", wholeNumber(1, 9_999_999), 100)
    .action(async (accountId: string, _options: object, command: Command) => {
      await list(accountId, command.optsWithGlobals(), terminal);
    });

  agent
    .command("forget")
    .description(
      "delete an agent's stored data, leave a tombstone, and list the copies that may remain",
    )
    .argument("<account>", "Freshdesk account ID", parseAccountId)
    .argument("<agent>", "email address, availability ID or user ID")
    .option(
      "--exact",
      "treat <agent> as an availability ID or an item key from the audit log, even if the agent was already forgotten",
      false,
    )
    .option(...YES_OPTION)
    .action(async (accountId: string, agentId: string, _options: object, command: Command) => {
      await forget(accountId, agentId, command.optsWithGlobals(), terminal);
    });
}
