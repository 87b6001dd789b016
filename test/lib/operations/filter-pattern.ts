/** Returns the value that a selector such as `$.message.results[0].outcome` selects in a line. */
function selectedValue(selector: string, line: object): unknown {
  const keys = selector.replace("$.", "").split(/[.[\]]+/);
  return keys
    .filter((key) => key !== "")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined,
      line,
    );
}

function isLike(operand: string, value: unknown): boolean {
  if (typeof value !== "string" && typeof value !== "number") {
    return false;
  }
  const text = String(value);
  const [, regex] = /^%(.+)%$/.exec(operand) ?? [];
  if (regex !== undefined) {
    return new RegExp(regex).test(text);
  }
  const [, start] = /^(.*)\*$/.exec(operand) ?? [];
  return start === undefined ? text === JSON.parse(operand) : text.startsWith(start);
}

/**
 * Returns whether a pattern of CloudWatch Logs matches a line. Supports the patterns of the runbook: one JSON comparison, or
 * words that must all be present.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws Error for any other pattern.
 */
export function matches(pattern: string, line: object): boolean {
  const [, selector, operand] = /^\{ (\$\.\S+) = (.+) \}$/.exec(pattern) ?? [];
  if (selector !== undefined && operand !== undefined) {
    return isLike(operand, selectedValue(selector, line));
  }
  if (!/^"\w+"( "\w+")*$/.test(pattern)) {
    throw new Error(`the pattern must be a JSON comparison or quoted text (got ${pattern})`);
  }
  const text = JSON.stringify(line);
  return [...pattern.matchAll(/\w+/g)].every(([word]) => text.includes(word));
}
