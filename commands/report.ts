import type { Command } from "commander";

import { readAgentDays } from "./report/agent-days.ts";
import type { Reads } from "./report/count-reads.ts";
import { createPrinter } from "./report/create-printer.ts";
import { parseDay, passedPartOf } from "./report/report-day.ts";
import { openTables } from "./report/open-tables.ts";
import { type GlobalOptions, parseAccountId } from "./shared/arguments.ts";
import { CommandError } from "./shared/command-error.ts";
import { formatCount } from "./shared/count.ts";
import { findHistory, parseTimeZone, startOfHistory } from "./shared/stage-history.ts";
import type { Terminal } from "./shared/terminal.ts";

interface ReportOptions extends GlobalOptions {
  readonly day: string;
  readonly timeZone: string;
  readonly csv: boolean;
}

const HELP = `
--csv prints durations in hours. --json prints one line per agent, with durations in milliseconds.`;

function formatReads(agents: number, agentReads: Reads, historyReads: Reads): string {
  const units = agentReads.units + historyReads.units;
  const read = `Read ${formatCount(agentReads.items, "item")} from the table of agents and ${formatCount(historyReads.items, "change")} from the history`;
  return `Reported ${formatCount(agents, "agent")}. ${read}${units === 0 ? "" : `: ${formatCount(units, "read unit")}`}.`;
}

async function report(
  accountId: string,
  options: ReportOptions,
  terminal: Terminal,
): Promise<void> {
  const { stage, json, csv, day, timeZone } = options;
  if (json && csv) {
    throw new CommandError("--csv cannot be used with --json");
  }
  const now = new Date();
  const period = passedPartOf(day, timeZone, now);
  const found = await findHistory(stage);
  const start = startOfHistory(period, found.days, now);
  if (start !== undefined) {
    terminal.note(
      `The history is kept for ${formatCount(found.days, "day")}. It begins at ${start}.`,
    );
  }
  const { useAgents, useHistory, agentReads, historyReads } = openTables(found);
  const printer = createPrinter({ stage, accountId, period, timeZone, json, csv }, terminal);
  let agents = 0;
  for await (const each of readAgentDays({ useAgents, useHistory, accountId, period })) {
    printer.print(each);
    agents += 1;
    terminal.progress(`Reported ${formatCount(agents, "agent")} so far.`);
  }
  printer.end();
  terminal.note(formatReads(agents, agentReads, historyReads));
}

export function addReportCommand(program: Command, terminal: Terminal): void {
  program
    .command("report")
    .description("print each agent's time in each status on a given day")
    .argument("<account>", "Freshdesk account ID", parseAccountId)
    .requiredOption("--day <date>", "calendar day such as 2026-11-28", parseDay)
    .requiredOption("--time-zone <zone>", "IANA time zone of the day", parseTimeZone)
    .option("--csv", "print CSV", false)
    .addHelpText("after", HELP)
    .action(async (accountId: string, _options: object, command: Command) => {
      await report(accountId, command.optsWithGlobals<ReportOptions>(), terminal);
    });
}
