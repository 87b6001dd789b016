import { parseArgs } from "node:util";

import { LocalError } from "../tools/run/local-error.ts";

/**
 * Parses flags that take no value.
 *
 * @throws LocalError for any other argument.
 */
export function readFlags(command: string, allowed: readonly string[]): ReadonlySet<string> {
  const { values, positionals } = parseArgs({ strict: false });
  const given = [...Object.keys(values).map((name) => `--${name}`), ...positionals];
  const flags = allowed.map((name) => `--${name}`);
  const unknown = given.filter((argument) => !flags.includes(argument));
  if (unknown.length > 0) {
    const accepted = flags.length > 0 ? `accepts only ${flags.join(", ")}` : "accepts no arguments";
    throw new LocalError(`${command} ${accepted} (got ${unknown.join(", ")})`);
  }
  return new Set(Object.keys(values));
}

/**
 * Returns the port in `LOCAL_CLOUD_PORT`, if it is set.
 *
 * @throws LocalError if it is not a port.
 */
export function requestedPort(): number | undefined {
  const text = process.env["LOCAL_CLOUD_PORT"] ?? "";
  if (text === "") {
    return undefined;
  }
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new LocalError(
      `LOCAL_CLOUD_PORT must be a whole number from 1 to 65535 (got ${JSON.stringify(text)}). Without it, a free port is used.`,
    );
  }
  return port;
}
