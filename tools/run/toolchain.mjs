// Plain JavaScript for any Node from 20 on: it runs before anything is installed.
//
//   node tools/run/toolchain.mjs COMMAND [ARGUMENT ...]
//
// makes sure that node_modules is what package-lock.json says, and runs the command with the project's
// own tools first on the PATH, the pinned Node among them.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST = 20;
const root = fileURLToPath(new URL("../..", import.meta.url));
const modules = join(root, "node_modules");
const lockFolder = join(root, ".local");
const lock = join(lockFolder, "install.pid");

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** The packages of a lockfile, by folder; none if there is no such file, or no whole one. */
function packagesOf(file) {
  try {
    const { "": _project, ...packages } = JSON.parse(readFileSync(file, "utf8")).packages;
    return packages;
  } catch {
    return {};
  }
}

/** What belongs to another platform may be absent, but nothing else, and nothing may be another version. */
function isMissing(folder, wanted, found) {
  if (found === undefined) {
    return wanted.optional !== true;
  }
  const isSame = found.version === wanted.version && found.integrity === wanted.integrity;
  const isForHere = found.os?.includes(process.platform) ?? true;
  return !isSame || !isForHere || !existsSync(join(root, folder, "package.json"));
}

/** npm writes down what it installed when it is through; an interrupted installation has no such list. */
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

/** Two commands at once must not install at once; a lock whose process is gone is nobody's. */
function takeLock() {
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
      console.log("Another command is installing the tools; waiting for it ...");
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  }
}

function install(wanted) {
  const started = Date.now();
  console.log(
    `Installing the ${Object.keys(wanted).length} packages that package-lock.json names into node_modules (npm ci), Node.js ${wanted["node_modules/node"]?.version} among them ...`,
  );
  const { status, signal, error, stdout, stderr } = spawnSync(
    "npm",
    ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 2 ** 26 },
  );
  if (error?.code === "ENOENT") {
    fail("npm was not found. Install it (it comes with Node.js), and try again.");
  }
  if (status !== 0) {
    const reason = signal ?? error?.message ?? `exit code ${status}`;
    fail(
      `${stdout}${stderr}\nnpm ci failed (${reason}); what it said is above. Mend that, the way to npm's registry most likely, and try again.`,
    );
  }
  console.log(`Installed in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

function ensureInstalled() {
  const wanted = packagesOf(join(root, "package-lock.json"));
  if (Object.keys(wanted).length === 0) {
    fail("package-lock.json is missing, or cannot be read. Get it back from git, and try again.");
  }
  if (isInstalled(wanted)) {
    return;
  }
  takeLock();
  try {
    if (!isInstalled(wanted)) {
      install(wanted);
    }
  } finally {
    rmSync(lock, { force: true });
  }
}

if (Number(process.versions.node.split(".")[0]) < OLDEST) {
  fail(
    `This is Node.js ${process.versions.node}; ${OLDEST} or later is needed. Install that, and try again.`,
  );
}
process.on("exit", () => {
  // `fail` ends the process wherever it stands.
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
// The terminal sends Ctrl-C to the child as well; what is sent to this process alone is passed on.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
process.on("SIGHUP", () => child.kill("SIGHUP"));
child.on("error", (error) => fail(`${command} cannot be run: ${error.message}`));
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
