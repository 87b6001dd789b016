import { isPassed, type Outcome } from "./scenario.ts";

/** The columns of the table, in order. */
const COLUMNS = [
  "scenario",
  "sent",
  "answered 200",
  "refused",
  "applied",
  "events",
  "lost",
  "invented",
  "older on top",
  "out of order",
  "seconds until whole",
] as const;

function cellsOf(outcome: Outcome): string[] {
  const { scenario, sent, answered, refused, events, seconds, verdict } = outcome;
  const { applied, lost, invented, olderOnTop, outOfOrder } = verdict;
  const counts = [sent, answered, refused, applied, events];
  const wrong = [lost, invented, olderOnTop, outOfOrder].map(({ length }) => length);
  return [scenario.title, ...[...counts, ...wrong].map(String), seconds.toFixed(1)];
}

/** Rows as a table in Markdown, its first row the head, its first column text and the others numbers. */
function markdown(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) => {
    const [first = "", ...numbers] = cells;
    const padded = numbers.map((cell, index) => cell.padStart(widths[index + 1] ?? 0));
    return `| ${[first.padEnd(widths[0] ?? 0), ...padded].join(" | ")} |`;
  };
  const [first = 0, ...others] = widths;
  const rules = ["-".repeat(first), ...others.map((width) => `${"-".repeat(width - 1)}:`)];
  return [line(head), line(rules), ...body.map(line)].join("\n");
}

/** What came of the scenarios. */
export function tableOf(outcomes: readonly Outcome[]): string {
  return markdown([COLUMNS, ...outcomes.map(cellsOf)]);
}

/** The value that so great a part of the others does not exceed. */
function quantile(values: readonly number[], part: number): string {
  const sorted = values.toSorted((one, other) => one - other);
  return (sorted[Math.ceil(part * sorted.length) - 1] ?? 0).toFixed(0);
}

const LOAD_COLUMNS = [
  "scenario",
  "requests a second",
  "answer p50 ms",
  "p95",
  "p99",
  "received to published p50 ms",
  "p95",
  "longest",
] as const;

/** How fast the scenarios went. */
export function loadTableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ scenario, sent, load: { sending, answers, published } }) => [
    scenario.title,
    ((sent / sending) * 1000).toFixed(0),
    ...[0.5, 0.95, 0.99].map((part) => quantile(answers, part)),
    ...[0.5, 0.95, 1].map((part) => quantile(published, part)),
  ]);
  return markdown([LOAD_COLUMNS, ...rows]);
}

const MOST_SHOWN = 3;
const MOST_CHARACTERS = 600;

/** What went wrong in a scenario, a few of each kind; nothing if it passed. */
export function complaintsOf(outcome: Outcome): string[] {
  if (isPassed(outcome)) {
    return [];
  }
  const { verdict, notMet, failure } = outcome;
  const kinds = {
    lost: verdict.lost,
    invented: verdict.invented,
    "older on top": verdict.olderOnTop,
    "out of order": verdict.outOfOrder,
    "never met": notMet,
    "not finished": failure === undefined ? [] : [failure],
  };
  return Object.entries(kinds).flatMap(([kind, found]) =>
    found.slice(0, MOST_SHOWN).map((each) => `${kind}: ${each.slice(0, MOST_CHARACTERS)}`),
  );
}
