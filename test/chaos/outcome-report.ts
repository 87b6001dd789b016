import { isPassed, type Outcome } from "./outcome.ts";

const OUTCOME_COLUMNS = [
  "scenario",
  "requests",
  "200",
  "not 200",
  "applied",
  "events",
  "lost",
  "unexpected",
  "regressed",
  "out of order",
  "recovery (s)",
] as const;

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

function cellsOf(outcome: Outcome): string[] {
  const { scenario, requests, succeeded, failed, events, recoverySeconds, verification } = outcome;
  const { applied, lost, unexpected, regressed, outOfOrder } = verification;
  const counts = [requests, succeeded, failed, applied, events];
  const violations = [lost, unexpected, regressed, outOfOrder].map(({ length }) => length);
  return [scenario.title, ...[...counts, ...violations].map(String), recoverySeconds.toFixed(1)];
}

/** Formats the scenarios' counts and violations as a Markdown table. */
export function formatOutcomes(outcomes: readonly Outcome[]): string {
  return formatTable([OUTCOME_COLUMNS, ...outcomes.map(cellsOf)]);
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
