import { type Command, InvalidArgumentError } from "commander";

import { assumptionSentences } from "./cost/assumptions.ts";
import { type Bill, billOf } from "./cost/bill.ts";
import { priceList } from "./cost/prices.ts";
import { quantitiesOf } from "./cost/quantities.ts";
import type { Load } from "./cost/units.ts";
import { type GlobalOptions, wholeNumber } from "./shared/arguments.ts";
import { formatCount } from "./shared/count.ts";
import { formatTable } from "./shared/table.ts";
import type { Terminal } from "./shared/terminal.ts";

function decimalNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+(?:\.\d+)?$/.test(text) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`Must be a number from ${minimum} to ${maximum}.`);
    }
    return value;
  };
}

const formatDollars = (amount: number) => amount.toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
const alignRight = (text: string) => text.padStart(13);

function formatBill(bill: Bill, load: Load, stage: string): string[] {
  const { agents, changes, events, flips, days } = load;
  const rows = bill.lines.map(({ part, amount, month, perMillion }) => [
    part,
    amount,
    alignRight(formatDollars(month)),
    perMillion === undefined ? "" : alignRight(formatDollars(perMillion)),
  ]);
  const total = [
    "total",
    "",
    alignRight(formatDollars(bill.month)),
    alignRight(formatDollars(bill.perMillion)),
  ];
  const withFixedCosts = (bill.month / bill.changes) * 1e6;
  return [
    `Stage ${stage}: ${formatCount(agents, "agent")} × ${formatCount(changes, "change")} per day × ${formatCount(days, "day")} = ${formatCount(bill.changes, "change")} per month.`,
    `Average change: ${formatCount(events, "event")} and ${formatCount(flips, "channel change")}.`,
    `List prices in US dollars for ${priceList.region}, as of ${priceList.asOf}, per month and per million changes:`,
    "",
    ...formatTable(
      ["part", "quantity per month", alignRight("$ per month"), alignRight("$ per million")],
      [...rows, total],
    ),
    "",
    `Including fixed monthly costs, a million changes cost $${formatDollars(withFixedCosts)}. The publisher receives ${bill.batch.toFixed(1)} changes per batch.`,
    `Rejected requests cost at most $${formatDollars(bill.rejectedDay)} per day: the full rate of the throttle all day, with 512 KB per request.`,
    "",
    "Assumptions:",
    ...assumptionSentences.map((sentence) => `- ${sentence}`),
  ];
}

export function addCostCommand(program: Command, terminal: Terminal): void {
  program
    .command("cost")
    .description(
      "estimate the monthly cost of a stage in cdk.json from list prices; sends no requests to AWS",
    )
    .requiredOption("--agents <number>", "agents on shift per working day", wholeNumber(1, 1e6))
    .option("--changes <number>", "changes per agent per day", decimalNumber(0.1, 1000), 40)
    // One for every change, one for a status, one for each of up to 20 channels.
    .option("--events <number>", "events per change, on average", decimalNumber(1, 22), 2)
    .option("--flips <number>", "channel changes per change, on average", decimalNumber(0, 3), 1)
    .option("--days <number>", "working days per month", wholeNumber(1, 31), 22)
    .action(async (load: Load, command: Command) => {
      const { stage, json } = command.optsWithGlobals<GlobalOptions>();
      // The CDK takes seconds to load: load it after the arguments are checked.
      const { synthesize } = await import("./cost/design.ts");
      const quantities = quantitiesOf(synthesize(stage));
      const bill = billOf(quantities, load);
      const { region, currency, asOf } = priceList;
      terminal.print({
        json,
        value: {
          stage,
          load,
          quantities,
          region,
          currency,
          asOf,
          ...bill,
          assumptions: assumptionSentences,
        },
        text: formatBill(bill, load, stage),
      });
    });
}
