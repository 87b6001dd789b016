import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { runCommandLine } from "../commands/on-the-wire.ts";
import { everySetting } from "../lib/synthesized.ts";
import { alarmsOf, operationsOf } from "../lib/operations/stack.ts";

const root = new URL("../../", import.meta.url);
const pages = [
  "README.md",
  "relay/README.md",
  ...readdirSync(new URL("docs", root), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.startsWith("decisions"))
    .map((name) => `docs/${name}`),
];

/** Commands that ask AWS first of all, so that an answer of nobody there says that they were understood. */
const COMMANDS = /npm run (account|agent|redrive|replay|restore) -- ([^`\n#|]+)/g;

function commandsIn(text: string): string[] {
  return [...text.matchAll(COMMANDS)].map(([, name = "", args = ""]) => `${name} ${args.trim()}`);
}

/** What a reader puts for the words in capitals. */
const PUT = new Map([
  ["FRESHDESK_ACCOUNT_ID", "1"],
  ["ACCOUNT_ID", "1"],
  ["ACCOUNT", "1"],
  ["ID", "1"],
  ["AGENT", "2"],
  ["YOUR_EMAIL", "ada@example.com"],
]);

/** The words of a command as a shell has them, with the runbook's variables set. */
function wordsOf(command: string): string[] {
  const { stdout } = spawnSync("bash", ["-c", `printf '%s\\n' ${command}`], {
    encoding: "utf8",
    env: { ACCOUNT: "1", STAGE: "blue" },
  });
  return stdout
    .trimEnd()
    .split("\n")
    .map((word) => PUT.get(word) ?? word);
}

const documented = pages.flatMap((page) =>
  commandsIn(readFileSync(new URL(page, root), "utf8"))
    // The overview of the README has T for any time.
    .map((command) => command.replace("--from T --to T", '--from "2 hours ago" --to "1 hour ago"')),
);
const described = Object.values(alarmsOf(operationsOf(everySetting))).flatMap(
  ({ AlarmDescription: text }) => commandsIn(text.replace(/\.(?: |$)/g, "\n")),
);

describe("a command that is written down", () => {
  it("is found on many pages, and in the descriptions of alarms", () => {
    expect(documented.length).toBeGreaterThan(30);
    expect(described.length).toBeGreaterThan(1);
  });

  it.each([...new Set([...documented, ...described])])(
    "is understood as it stands: %s",
    async (command) => {
      const [name = "", ...args] = wordsOf(command);

      const { out, err } = await runCommandLine(name, args);

      expect(out).toBe("");
      expect(err).toMatch(/^AWS could not be asked, or said no \(connect ECONNREFUSED /);
    },
  );
});
