import { escapeUnprintable } from "./escape-unprintable.ts";

/** Returns rows under their titles, each column as wide as its widest cell; nothing without rows. */
export function formatTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  if (rows.length === 0) {
    return [];
  }
  const table = [titles, ...rows].map((row) => row.map(escapeUnprintable));
  const widths = titles.map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
