/** Number of columns by which continuation lines are indented more than the first. */
const HANGING_INDENT = 2;

/** Breaks a line at spaces so that each part fits into the columns, as far as its words do. */
export function wrap(line: string, columns: number): string[] {
  const indent = line.length - line.trimStart().length;
  const continued = " ".repeat(indent === 0 ? 0 : indent + HANGING_INDENT);
  const lines: string[] = [];
  let rest = line;
  while (rest.length > columns) {
    const end = rest.lastIndexOf(" ", columns);
    if (end <= continued.length) {
      break;
    }
    lines.push(rest.slice(0, end));
    rest = continued + rest.slice(end + 1);
  }
  return [...lines, rest];
}
