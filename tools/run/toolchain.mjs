// Usage: node tools/run/toolchain.mjs COMMAND [ARGUMENT ...]
//
// Installs the packages of package-lock.json if node_modules differs, then runs the command with the project's
// tools first on the PATH, including the pinned Node. Plain JavaScript for Node 20 and later, since it runs
// before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const MIN_NODE_VERSION = 20;
const root = fileURLToPath(new URL("../..", import.meta.url));
const modules = join(root, "node_modules");
const lockFolder = join(root, ".local");
const lock = join(lockFolder, "install.pid");

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Returns the packages of a lockfile by folder; none if the file is missing or incomplete. */
function packagesOf(file) {
  try {
    const { "": _project, ...packages } = JSON.parse(readFileSync(file, "utf8")).packages;
    return packages;
  } catch {
    return {};
  }
}

/** A package of another platform may be missing. Every other package must have the right version. */
function isMissing(folder, wanted, found) {
  if (found === undefined) {
    return wanted.optional !== true;
  }
  const isSame = found.version === wanted.version && found.integrity === wanted.integrity;
  const isForHere = found.os?.includes(process.platform) ?? true;
  return !isSame || !isForHere || !existsSync(join(root, folder, "package.json"));
}

/** npm writes its list of installed packages last, so an interrupted installation has none. */
function isInstalled(wanted) {
  const installed = packagesOf(join(modules, ".package-lock.json"));
  return (
    existsSync(join(modules, "node", "bin", "node")) &&
    Object.keys(installed).every((folder) => Object.hasOwn(wanted, folder)) &&
    Object.entries(wanted).every(([folder, each]) => !isMissing(folder, each, installed[folder]))
  );
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Two commands must not install at the same time. A lock whose process has ended is free. */
function acquireLock() {
  mkdirSync(lockFolder, { recursive: true });
  for (let waits = 0; ; waits += 1) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") {
        throw error;
      }
    }
    const holder = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
    if (!isAlive(holder)) {
      rmSync(lock, { force: true });
    } else if (waits === 0) {
      console.log("Waiting for another command that is installing packages ...");
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  }
}

/** Runs npm ci, which shows its progress on a terminal. Its output goes to stderr. */
function install(wanted) {
  const started = Date.now();
  console.log(
    `Installing ${Object.keys(wanted).length} packages with npm ci, including Node.js ${wanted["node_modules/node"]?.version} ...`,
  );
  const options = ["--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, signal, error } = spawnSync("npm", ["ci", ...options], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (error?.code === "ENOENT") {
    fail("npm was not found. Install it (it comes with Node.js), then try again.");
  }
  if (status !== 0) {
    const reason = signal ?? error?.message ?? `exit code ${status}`;
    fail(
      `\nnpm ci failed (${reason}). Its output is above. Check the connection to the npm registry, then try again.`,
    );
  }
  console.log(`Installed in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

function ensureInstalled() {
  const wanted = packagesOf(join(root, "package-lock.json"));
  if (Object.keys(wanted).length === 0) {
    fail("package-lock.json is missing or cannot be read. Restore it from Git, then try again.");
  }
  if (isInstalled(wanted)) {
    return;
  }
  acquireLock();
  try {
    if (!isInstalled(wanted)) {
      install(wanted);
    }
  } finally {
    rmSync(lock, { force: true });
  }
}

if (Number(process.versions.node.split(".")[0]) < MIN_NODE_VERSION) {
  fail(
    `Node.js must be ${MIN_NODE_VERSION} or later (got ${process.versions.node}). Install it, then try again.`,
  );
}
process.on("exit", () => {
  // `fail` can end the process while it holds the lock.
  if (existsSync(lock) && readFileSync(lock, "utf8") === String(process.pid)) {
    rmSync(lock, { force: true });
  }
});
ensureInstalled();

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  fail("Usage: node tools/run/toolchain.mjs COMMAND [ARGUMENT ...]");
}
const child = spawn(command, args, {
  stdio: "inherit",
  env: { ...process.env, PATH: [join(modules, ".bin"), process.env.PATH].join(delimiter) },
});
// The terminal sends Ctrl-C to the child too. Signals to this process only are forwarded.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
process.on("SIGHUP", () => child.kill("SIGHUP"));
child.on("error", (error) => fail(`${command} cannot be run: ${error.message}`));
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
