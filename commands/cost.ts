import { columns } from "./columns.ts";
import { CommandError } from "./command-error.ts";
import { readCommandLine, stageOptions } from "./command-line.ts";
import { assumptions } from "./cost/assumptions.ts";
import { type Bill, billOf } from "./cost/bill.ts";
import { billedOf } from "./cost/billed.ts";
import type { Load } from "./cost/load.ts";
import { priceList } from "./cost/prices.ts";
import { tellFailure } from "./tell-failure.ts";

const USAGE = `npm run cost -- --agents N [--changes N] [--events N] [--flips N] [--days N] [--stage NAME] [--json]

  what a stage costs a month, by part and for a million changes, from AWS's list prices and the
  templates as they are synthesized here. Asks nothing of AWS.

  --agents   agents that are on shift a working day
  --changes  changes of each of them, a working day; default 40
  --events   events of each change, on average; default 2
  --flips    channels that open or close with a change, on average; default 1
  --days     working days a month; default 22
  --stage    a stage of cdk.json; default dev
  --json     for programs`;

function read(args: readonly string[]) {
  return readCommandLine(USAGE, {
    args: [...args],
    options: {
      agents: { type: "string" },
      changes: { type: "string", default: "40" },
      events: { type: "string", default: "2" },
      flips: { type: "string", default: "1" },
      days: { type: "string", default: "22" },
      ...stageOptions,
    },
  }).values;
}

type Typed = ReturnType<typeof read>;

const limits = {
  agents: { least: 1, most: 1_000_000, whole: true },
  changes: { least: 0.1, most: 1000, whole: false },
  // One for every change, one for a status, one for each of up to 20 channels.
  events: { least: 1, most: 22, whole: false },
  flips: { least: 0, most: 3, whole: false },
  days: { least: 1, most: 31, whole: true },
} as const;

function numberIn(typed: Typed, name: keyof typeof limits): number {
  const { least, most, whole } = limits[name];
  const text = typed[name];
  const value = Number(text);
  const isNumber = (whole ? /^\d+$/ : /^\d+(?:\.\d+)?$/).test(text ?? "");
  if (!isNumber || value < least || value > most) {
    const got = text === undefined ? "missing" : JSON.stringify(text);
    throw new CommandError(
      `--${name}: ${got}; a ${whole ? "whole " : ""}number from ${least} to ${most} is allowed`,
    );
  }
  return value;
}

function loadIn(typed: Typed): Load {
  return {
    agents: numberIn(typed, "agents"),
    changes: numberIn(typed, "changes"),
    events: numberIn(typed, "events"),
    flips: numberIn(typed, "flips"),
    days: numberIn(typed, "days"),
  };
}

const dollars = (amount: number) => amount.toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
const right = (text: string) => text.padStart(10);

function words(bill: Bill, load: Load, stage: string): string {
  const { agents, changes, events, flips, days } = load;
  const rows = bill.lines.map(({ part, amount, month, perMillion }) => [
    part,
    amount,
    right(dollars(month)),
    perMillion === undefined ? "" : right(dollars(perMillion)),
  ]);
  const everything = (bill.month / bill.changes) * 1e6;
  return [
    `Stage ${stage}: ${agents} agents, ${changes} changes a day each, ${days} days, ${events} events and ${flips} channel flips a change: ${bill.changes.toLocaleString("en-US")} changes a month.`,
    `Dollars, list prices of ${priceList.region} on ${priceList.asOf}:`,
    "",
    columns(
      ["part", "amount a month", right("a month"), right("a million")],
      [...rows, ["total", "", right(dollars(bill.month)), right(dollars(bill.perMillion))]],
    ),
    "",
    `With what is paid by the month: $${dollars(everything)} for a million changes. The publisher gets ${bill.batch.toFixed(1)} changes at once.`,
    `The most that refused requests can cost, as many as the throttle lets through and of up to 512 KB each, is $${dollars(bill.refusedDay)} a day.`,
    "",
    "Assumed:",
    ...assumptions.map((sentence) => `- ${sentence}`),
  ].join("\n");
}

await tellFailure(async () => {
  const typed = read(process.argv.slice(2));
  const load = loadIn(typed);
  // The CDK takes seconds to load: what was typed is looked at first.
  const { synthesize } = await import("./cost/design.ts");
  const billed = billedOf(synthesize(typed.stage));
  const bill = billOf(billed, load);
  const { region, currency, asOf } = priceList;
  const report = { stage: typed.stage, load, design: billed, region, currency, asOf, ...bill };
  console.log(
    typed.json ? JSON.stringify({ ...report, assumptions }) : words(bill, load, typed.stage),
  );
});
