import type { DayPeriod } from "../../client/history/days.ts";
import type { Terminal } from "../shared/terminal.ts";
import type { AgentDay } from "./agent-days.ts";
import { CSV_TITLES, csvRecords } from "./report-csv.ts";
import { formatDays } from "./report-table.ts";

/** Prints agents as they are read. */
export interface Printer {
  readonly print: (day: AgentDay) => void;
  /** Prints the rows that were kept until the end. */
  readonly end: () => void;
}

interface PrinterOptions {
  readonly stage: string;
  readonly accountId: string;
  readonly period: DayPeriod;
  readonly timeZone: string;
  readonly json: boolean;
  readonly csv: boolean;
}

const doNothing = () => undefined;

function jsonPrinter(
  { stage, accountId, timeZone, period: { date, from, to } }: PrinterOptions,
  terminal: Terminal,
): Printer {
  const day = { stage, accountId, date, timeZone, from: new Date(from), to: new Date(to) };
  const print = (times: AgentDay) => {
    terminal.print({ json: true, value: { ...day, ...times }, text: [] });
  };
  return { print, end: doNothing };
}

function csvPrinter({ period: { date }, timeZone }: PrinterOptions, terminal: Terminal): Printer {
  terminal.printRecord(CSV_TITLES);
  const print = (day: AgentDay) => {
    for (const record of csvRecords(day, date, timeZone)) {
      terminal.printRecord(record);
    }
  };
  return { print, end: doNothing };
}

/** Keeps all rows until the end, because the columns and their widths depend on them. */
function tablePrinter({ stage, accountId, period }: PrinterOptions, terminal: Terminal): Printer {
  const days: AgentDay[] = [];
  const print = (day: AgentDay) => {
    days.push(day);
  };
  const end = () => {
    const none = `No agents in account ${accountId} (stage ${stage}). Agents appear after their first availability event.`;
    const text = days.length === 0 ? [none] : formatDays(days, period);
    terminal.print({ json: false, value: {}, text });
  };
  return { print, end };
}

/** Returns the printer for the selected format. Only the table keeps all rows in memory. */
export function createPrinter(options: PrinterOptions, terminal: Terminal): Printer {
  if (options.json) {
    return jsonPrinter(options, terminal);
  }
  return options.csv ? csvPrinter(options, terminal) : tablePrinter(options, terminal);
}
