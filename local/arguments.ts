import { parseArgs } from "node:util";

import { LocalError } from "../tools/run/local-error.ts";

/**
 * Reads flags that take no value.
 *
 * @throws LocalError for anything else.
 */
export function readFlags(command: string, allowed: readonly string[]): ReadonlySet<string> {
  const { values, positionals } = parseArgs({ strict: false });
  const given = [...Object.keys(values).map((name) => `--${name}`), ...positionals];
  const flags = allowed.map((name) => `--${name}`);
  const unknown = given.filter((argument) => !flags.includes(argument));
  if (unknown.length > 0) {
    const known = flags.length > 0 ? `only ${flags.join(", ")} is allowed` : "it takes none";
    throw new LocalError(`${command} does not know ${unknown.join(", ")}: ${known}.`);
  }
  return new Set(Object.keys(values));
}

/**
 * The port that `LOCAL_CLOUD_PORT` asks for.
 *
 * @throws LocalError for what is no port.
 */
export function wantedPort(): number | undefined {
  const text = process.env["LOCAL_CLOUD_PORT"] ?? "";
  if (text === "") {
    return undefined;
  }
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new LocalError(
      `LOCAL_CLOUD_PORT is ${JSON.stringify(text)}: a whole number from 1 to 65535 is allowed. Leave it away to get a free port.`,
    );
  }
  return port;
}
