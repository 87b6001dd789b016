/** Returns the value that a selector such as `$.message.results[0].outcome` selects in a line. */
function found(selector: string, line: object): unknown {
  const keys = selector.replace("$.", "").split(/[.[\]]+/);
  return keys
    .filter((key) => key !== "")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined,
      line,
    );
}

function isLike(wanted: string, value: unknown): boolean {
  if (typeof value !== "string" && typeof value !== "number") {
    return false;
  }
  const text = String(value);
  const [, regex] = /^%(.+)%$/.exec(wanted) ?? [];
  if (regex !== undefined) {
    return new RegExp(regex).test(text);
  }
  const [, start] = /^(.*)\*$/.exec(wanted) ?? [];
  return start === undefined ? text === JSON.parse(wanted) : text.startsWith(start);
}

/**
 * Returns whether CloudWatch Logs matches a line. Supports the patterns of the runbook: one JSON comparison, or
 * words that must all be present.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws Error for any other pattern.
 */
export function matches(pattern: string, line: object): boolean {
  const [, selector, wanted] = /^\{ (\$\.\S+) = (.+) \}$/.exec(pattern) ?? [];
  if (selector !== undefined && wanted !== undefined) {
    return isLike(wanted, found(selector, line));
  }
  if (!/^"\w+"( "\w+")*$/.test(pattern)) {
    throw new Error(`the pattern must be a JSON comparison or quoted text (got ${pattern})`);
  }
  const text = JSON.stringify(line);
  return [...pattern.matchAll(/\w+/g)].every(([word]) => text.includes(word));
}
