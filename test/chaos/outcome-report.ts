import { isPassed, type Outcome } from "./outcome.ts";

const VIOLATIONS = ["lost", "unexpected", "regressed", "out of order"] as const;
const NO_VIOLATION = "Nothing was lost, unexpected, regressed or out of order.";

const LOAD_COLUMNS = [
  "scenario",
  "requests per second",
  "response p50 (ms)",
  "p95",
  "p99",
  "received to published p50 (ms)",
  "p95",
  "maximum",
] as const;

/** Formats rows as a Markdown table: the first row is the header, the first column text, the rest numbers. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const [header = [], ...body] = rows;
  const widths = header.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) => {
    const [first = "", ...numbers] = cells;
    const padded = numbers.map((cell, index) => cell.padStart(widths[index + 1] ?? 0));
    return `| ${[first.padEnd(widths[0] ?? 0), ...padded].join(" | ")} |`;
  };
  const [first = 0, ...others] = widths;
  const rule = ["-".repeat(first), ...others.map((width) => `${"-".repeat(width - 1)}:`)];
  return [line(header), line(rule), ...body.map(line)].join("\n");
}

function violationsOf({ verification }: Outcome): number[] {
  const { lost, unexpected, regressed, outOfOrder } = verification;
  return [lost, unexpected, regressed, outOfOrder].map(({ length }) => length);
}

function formatTotals(outcomes: readonly Outcome[]): string {
  const total = (count: (outcome: Outcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + count(outcome), 0).toLocaleString("en-US");
  const slowest = Math.max(...outcomes.map(({ recoverySeconds }) => recoverySeconds));
  return [
    `Scenarios: ${outcomes.length}.`,
    `Requests: ${total(({ requests }) => requests)} (${total(({ failed }) => failed)} without a 200 response).`,
    `Applied changes: ${total(({ verification }) => verification.applied)}.`,
    `Events: ${total(({ events }) => events)}.`,
    `Longest recovery: ${slowest.toFixed(1)} s.`,
  ].join(" ");
}

/** Formats the scenarios' outcomes: the totals, and a Markdown table of violations if there are any. */
export function formatOutcomes(outcomes: readonly Outcome[]): string {
  const totals = formatTotals(outcomes);
  const violating = outcomes.filter((outcome) => violationsOf(outcome).some((count) => count > 0));
  if (violating.length === 0) {
    return `${totals} ${NO_VIOLATION}`;
  }
  const rows = violating.map((outcome) =>
    [outcome.scenario.title].concat(violationsOf(outcome).map(String)),
  );
  return `${totals}\n\n${formatTable([["scenario", ...VIOLATIONS], ...rows])}`;
}

/** Returns the smallest value that is not exceeded by a share of the values. */
function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((one, other) => one - other);
  return (sorted[Math.ceil(share * sorted.length) - 1] ?? 0).toFixed(0);
}

/** Formats the scenarios' durations as a Markdown table. */
export function formatLoad(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ scenario, requests, load: { sending, responses, published } }) => [
    scenario.title,
    ((requests / sending) * 1000).toFixed(0),
    ...[0.5, 0.95, 0.99].map((share) => quantile(responses, share)),
    ...[0.5, 0.95, 1].map((share) => quantile(published, share)),
  ]);
  return formatTable([LOAD_COLUMNS, ...rows]);
}

const MAX_LINES_PER_KIND = 3;
const MAX_LINE_LENGTH = 600;

/** Formats the reasons why a scenario failed, a few of each kind. Empty if it passed. */
export function formatFailures(outcome: Outcome): string[] {
  if (isPassed(outcome)) {
    return [];
  }
  const { verification, notOccurred, error } = outcome;
  const kinds = {
    lost: verification.lost,
    unexpected: verification.unexpected,
    regressed: verification.regressed,
    "out of order": verification.outOfOrder,
    "did not occur": notOccurred,
    "ended early": error === undefined ? [] : [error],
  };
  return Object.entries(kinds).flatMap(([kind, reasons]) =>
    reasons
      .slice(0, MAX_LINES_PER_KIND)
      .map((reason) => `${kind}: ${reason.slice(0, MAX_LINE_LENGTH)}`),
  );
}
