import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { runCommand } from "../commands/run-command.ts";
import { everySetting } from "../lib/synthesized.ts";
import { alarmsOf, operationsTemplate } from "../lib/operations/stack.ts";

const root = new URL("../../", import.meta.url);
const pages = [
  "README.md",
  "relay/README.md",
  ...readdirSync(new URL("docs", root), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.startsWith("decisions"))
    .map((name) => `docs/${name}`),
];

/**
 * Commands whose first step is an AWS request: if that fails, the arguments were accepted. `cost` needs no AWS,
 * and `local` only the local cloud.
 */
const COMMANDS = /npx agent-availability (?!cost\b|local\b)([a-z]+ [^`\n#|]*)/g;

/** Returns whether a text only names a command, without arguments. */
const isName = (command: string) => /^(?:account|agent) [a-z]+$/.test(command);

function commandsIn(text: string): string[] {
  return [...text.matchAll(COMMANDS)]
    .map(([, command = ""]) => command.trim())
    .filter((command) => !isName(command));
}

/** The values that a reader inserts for variables and words in capitals. */
const PLACEHOLDER_VALUES = new Map([
  ["$ACCOUNT", "1"],
  ["$STAGE", "blue"],
  ["FRESHDESK_ACCOUNT_ID", "1"],
  ["ACCOUNT_ID", "1"],
  ["ACCOUNT", "1"],
  ["ID", "1"],
  ["AGENT", "2"],
  ["YOUR_EMAIL", "ada@example.com"],
]);

/** Splits a command into arguments as a shell does, with support only for what the documentation uses. */
function argumentsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare = ""]) => {
    const argument = quoted ?? bare;
    return PLACEHOLDER_VALUES.get(argument) ?? argument;
  });
}

const documented = pages.flatMap((page) => commandsIn(readFileSync(new URL(page, root), "utf8")));
const described = Object.values(alarmsOf(operationsTemplate(everySetting))).flatMap(
  ({ AlarmDescription: text }) => commandsIn(text.replace(/\.(?: |$)/g, "\n")),
);

describe("a documented command", () => {
  it("is found on many pages, and in alarm descriptions", () => {
    expect(documented.length).toBeGreaterThan(30);
    expect(described.length).toBeGreaterThan(1);
  });

  it("contains --stage, because a copied command would otherwise run against stage dev", () => {
    expect(documented.filter((command) => !command.includes("--stage"))).toEqual([]);
  });

  it.each([...new Set([...documented, ...described])])("is accepted: %s", async (command) => {
    const { out, err } = await runCommand(argumentsOf(command));

    expect(out).toBe("");
    expect(err).toMatch(/^the AWS request failed: .*ECONNREFUSED /);
  });
});
