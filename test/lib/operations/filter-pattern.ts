/** What a selector such as `$.message.results[0].outcome` finds in a line; `undefined` if nothing. */
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
 * Whether CloudWatch Logs would show a line for a pattern, as far as the runbook has patterns: one
 * comparison of JSON, or words that are all there.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws Error for a pattern that this reading does not know.
 */
export function isShown(pattern: string, line: object): boolean {
  const [, selector, wanted] = /^\{ (\$\.\S+) = (.+) \}$/.exec(pattern) ?? [];
  if (selector !== undefined && wanted !== undefined) {
    return isLike(wanted, found(selector, line));
  }
  if (!/^"\w+"( "\w+")*$/.test(pattern)) {
    throw new Error(`${pattern} is a pattern that this reading does not know`);
  }
  const text = JSON.stringify(line);
  return [...pattern.matchAll(/\w+/g)].every(([word]) => text.includes(word));
}
