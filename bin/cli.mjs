#!/usr/bin/env node
// The command line `npx agent-availability`. Plain JavaScript for any Node from 20 on: the commands
// themselves are TypeScript, which only the pinned Node runs.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const commands = pathOf("../commands/cli.ts");
const pinnedNode = pathOf("../node_modules/node/bin/node");

function fail(message) {
  console.error(message);
  process.exit(1);
}

function runInPinnedNode() {
  const child = spawn(pinnedNode, [pathOf("cli.mjs"), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // The terminal sends Ctrl-C to both processes; the other signals are passed on.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  child.on("error", (error) =>
    fail(`${pinnedNode} cannot be run: ${error.message}. Run npm ci, then try again.`),
  );
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

if (!existsSync(commands)) {
  fail(
    "agent-availability runs in a checkout of Agent Availability Hub. This package contains only its client libraries.",
  );
} else if (!existsSync(pinnedNode)) {
  fail("The dependencies are not installed. Run npm ci, then try again.");
} else if (realpathSync(process.execPath) !== realpathSync(pinnedNode)) {
  runInPinnedNode();
} else {
  const { run } = await import("../commands/cli.ts");
  const { stdin, stdout, stderr } = process;
  process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, signals: process });
}
