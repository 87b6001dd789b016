/** Excel and other programs run a cell that begins with one of these as a formula. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/u;

const NEEDS_QUOTES = /[",\r\n]/;

function formatCell(cell: string): string {
  // As text, a formula is only shown.
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Formats one record as in RFC 4180. A cell that would run as a formula begins with an apostrophe. */
export function formatCsvRecord(cells: readonly string[]): string {
  return `${cells.map(formatCell).join(",")}\r\n`;
}
