// Plain JavaScript for any Node from 20 on: it runs before anything is installed.
//
//   node local/tools.mjs COMMAND [ARGUMENT ...]
//
// makes sure that node_modules is what package-lock.json says, and runs the command with the project's
// own tools first on the PATH, the pinned Node among them.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const stamp = join(root, "node_modules", ".installed");
const OLDEST = 20;

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** What an installation must have come from to be whole. */
function wanted() {
  const lock = readFileSync(join(root, "package-lock.json"));
  return createHash("sha256").update(lock).digest("hex");
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === wanted();
}

function install() {
  const started = Date.now();
  console.log("Installing the tools that package-lock.json names (npm ci) ...");
  const command = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status, error, stdout, stderr } = spawnSync(
    command,
    ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  if (error?.code === "ENOENT") {
    fail("npm is not there: install Node.js 20 or later together with npm, and try again.");
  }
  if (status !== 0) {
    fail(
      `${stdout}${stderr}\nnpm ci failed (see above). Mend what it says, the network most likely, and try again.`,
    );
  }
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(stamp, wanted());
  console.log(`Installed in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

if (Number(process.versions.node.split(".")[0]) < OLDEST) {
  fail(
    `This is Node.js ${process.versions.node}; ${OLDEST} or later is needed. Install it, and try again.`,
  );
}
if (!isInstalled()) {
  install();
}

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, {
  cwd: process.cwd(),
  stdio: "inherit",
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
});
// The terminal sends Ctrl-C to the child as well; what is sent to this process alone is passed on.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
process.on("SIGHUP", () => child.kill("SIGHUP"));
child.on("error", (error) => fail(`${command} cannot be run: ${error.message}`));
child.on("exit", (code, signal) => {
  process.exit(code ?? (signal === "SIGINT" ? 130 : 1));
});
