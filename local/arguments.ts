import { parseArgs } from "node:util";

import { LocalError } from "./local-error.ts";

/** Reads flags that take no value; anything else ends in a sentence. */
export function readFlags(command: string, allowed: readonly string[]): ReadonlySet<string> {
  const options = Object.fromEntries(allowed.map((name) => [name, { type: "boolean" as const }]));
  try {
    const { values } = parseArgs({ options, allowPositionals: false });
    return new Set(Object.keys(values));
  } catch (error) {
    const flags = allowed.map((name) => `--${name}`).join(", ") || "none";
    const [problem = ""] = String(error)
      .replace(/^TypeError[^:]*: /, "")
      .split(". ");
    throw new LocalError(`${command}: ${problem}. Allowed: ${flags}.`);
  }
}

/** The port that `LOCAL_CLOUD_PORT` asks for. */
export function wantedPort(): number | undefined {
  const text = process.env["LOCAL_CLOUD_PORT"];
  if (text === undefined || text === "") {
    return undefined;
  }
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new LocalError(
      `LOCAL_CLOUD_PORT is ${JSON.stringify(text)}: a port from 1 to 65535 is allowed.`,
    );
  }
  return port;
}
