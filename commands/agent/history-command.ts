import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type Command, Option } from "commander";

import {
  type GlobalOptions,
  parseAccountId,
  parseDuration,
  parseInstant,
} from "../shared/arguments.ts";
import { CommandError } from "../shared/command-error.ts";
import { formatCount } from "../shared/count.ts";
import { findHistory, parseTimeZone, startOfHistory } from "../shared/stage-history.ts";
import type { Terminal } from "../shared/terminal.ts";
import type { Period } from "../../client/history/timeline.ts";
import { findAgents, type FoundAgents } from "./find-agents.ts";
import { formatTimeline } from "./format-timeline.ts";
import { type RequestedAgent, notFound } from "./not-found.ts";
import { readTimelines } from "./read-timelines.ts";

const MINUTE_MS = 60_000;
const MINUTES_PER_DAY = 1440;

/** A period as an operator selects it: `from` and optionally `to`, or `last`. */
interface PeriodOptions {
  readonly from?: Date;
  /** @default - now */
  readonly to?: Date;
  /** Minutes before now. Used without `from`. */
  readonly last: number;
}

interface HistoryOptions extends GlobalOptions, PeriodOptions {
  readonly timeZone: string;
}

/**
 * Returns the selected period, which never ends later than now.
 *
 * @throws CommandError if the selection is incomplete or empty.
 */
function parsePeriod({ from, to, last }: PeriodOptions, now: Date): Period {
  if (from === undefined) {
    if (to !== undefined) {
      throw new CommandError("--from is required with --to");
    }
    return { from: now.getTime() - last * MINUTE_MS, to: now.getTime() };
  }
  const end = new Date(Math.min((to ?? now).getTime(), now.getTime()));
  if (from >= end) {
    const limit = to === undefined || to > now ? "now" : "--to";
    throw new CommandError(
      `--from must be earlier than ${limit} (got ${from.toISOString()} and ${end.toISOString()})`,
    );
  }
  return { from: from.getTime(), to: end.getTime() };
}

/**
 * Returns the error for an agent without a timeline. The history of a removed agent is found only by the key
 * of the item.
 */
function noHistory(found: FoundAgents, requested: RequestedAgent): CommandError {
  const { message } = notFound(found, requested);
  return new CommandError(
    found.removal?.removedBecause === "forgotten"
      ? message
      : `${message} To find an agent who was removed, use the availability ID, or the user ID if the agent never had an availability ID.`,
  );
}

async function history(
  accountId: string,
  agentId: string,
  { stage, json, timeZone, ...selected }: HistoryOptions,
  terminal: Terminal,
): Promise<void> {
  const now = new Date();
  const period = parsePeriod(selected, now);
  const { tableName, historyTableName, days } = await findHistory(stage);
  const start = startOfHistory(period, days, now);
  const search = { client: new DynamoDBClient(), tableName };
  const found = await findAgents(search, accountId, agentId);
  const tables = { ...search, historyTableName };
  const agents = await readTimelines(tables, { accountId, agentId, found, period });
  if (agents.length === 0) {
    throw noHistory(found, { stage, accountId, agentId });
  }
  if (start !== undefined) {
    terminal.note(`The history is kept for ${formatCount(days, "day")}. It begins at ${start}.`);
  }
  const [from, to] = [new Date(period.from), new Date(period.to)];
  terminal.print({
    json,
    value: { stage, accountId, from, to, agents },
    text: agents.flatMap((agent, index) => {
      const lines = formatTimeline(agent, timeZone);
      return index === 0 ? lines : [""].concat(lines);
    }),
  });
}

export function addHistoryCommand(agent: Command, terminal: Terminal): void {
  agent
    .command("history")
    .description("print an agent's statuses, channels and logins in a period")
    .argument("<account>", "Freshdesk account ID", parseAccountId)
    .argument("<agent>", "email address, availability ID, user ID, or agent ID in a channel")
    .option(
      "--from <time>",
      "start of the period, ISO 8601 (UTC if it has no offset)",
      parseInstant,
    )
    .option("--to <time>", "end of the period (default: now)", parseInstant)
    .addOption(
      new Option(
        "--last <duration>",
        "length of a period that ends now, instead of --from and --to",
      )
        .argParser(parseDuration)
        .default(MINUTES_PER_DAY, "24h")
        .conflicts(["from", "to"]),
    )
    .option("--time-zone <zone>", "IANA time zone of the printed times", parseTimeZone, "UTC")
    .action(async (accountId: string, agentId: string, _options: object, command: Command) => {
      await history(accountId, agentId, command.optsWithGlobals(), terminal);
    });
}
