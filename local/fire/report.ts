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

/** The outcomes as a table in Markdown. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = [[...COLUMNS], ...outcomes.map(cellsOf)];
  const widths = COLUMNS.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join("\n");
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
