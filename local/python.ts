import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { lastLines, runCommand } from "./command.ts";
import { LocalError } from "./local-error.ts";

const CANDIDATES = [
  "python3",
  "python3.14",
  "python3.13",
  "python3.12",
  "python3.11",
  "python3.10",
];

const IS_RECENT = "import sys; sys.exit(0 if sys.version_info >= (3, 10) else 3)";
const HAS_VENV = "import venv, ensurepip";

async function succeeds(command: string, code: string): Promise<boolean> {
  try {
    return (await runCommand(command, ["-c", code])).code === 0;
  } catch {
    return false;
  }
}

async function findPython(): Promise<string> {
  let hasRecent = false;
  for (const candidate of CANDIDATES) {
    if (await succeeds(candidate, IS_RECENT)) {
      hasRecent = true;
      if (await succeeds(candidate, HAS_VENV)) {
        return candidate;
      }
    }
  }
  throw new LocalError(
    hasRecent
      ? "Python is there, but its venv module is not: install it (on Debian and Ubuntu the package python3-venv), and try again."
      : "Python 3.10 or later is needed for the local cloud, and none was found as python3: install it, and try again.",
  );
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 500));
}

/** How long another command may take to make the same environment. */
const LOCK_MS = 300_000;

/** One command at a time makes an environment; a lock that is older than it may take is nobody's. */
async function withLock(folder: string, make: () => Promise<void>): Promise<void> {
  const lock = `${folder}.lock`;
  const until = Date.now() + LOCK_MS;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (Date.now() > until) {
        rmSync(lock, { recursive: true, force: true });
      }
      await pause();
    }
  }
  try {
    await make();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

async function install(folder: string, requirements: string): Promise<void> {
  const python = await findPython();
  const venv = await runCommand(python, ["-m", "venv", "--clear", folder]);
  if (venv.code !== 0) {
    throw new LocalError(
      `Python could not make a virtual environment in ${folder}:\n${lastLines(venv.output)}`,
    );
  }
  const pip = await runCommand(join(folder, "bin", "python"), [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--require-hashes",
    "-r",
    requirements,
  ]);
  if (pip.code !== 0) {
    throw new LocalError(
      `pip could not install what ${requirements} names. Look at the network and at pip's index, and try again:\n${lastLines(pip.output)}`,
    );
  }
}

/**
 * Makes a virtual environment that holds exactly what a requirements file names, by hash. One that is
 * there already, and whole, is taken as it is.
 *
 * @returns the path of its Python.
 * @throws LocalError when Python, its venv module or the index is not there.
 */
export async function ensurePython(folder: string, requirements: string): Promise<string> {
  const python = join(folder, "bin", "python");
  const stamp = join(folder, ".requirements");
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  const isWhole = () =>
    existsSync(python) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (!isWhole()) {
    mkdirSync(join(folder, ".."), { recursive: true });
    await withLock(folder, async () => {
      if (!isWhole()) {
        rmSync(folder, { recursive: true, force: true });
        await install(folder, requirements);
        writeFileSync(`${stamp}.new`, wanted);
        renameSync(`${stamp}.new`, stamp);
      }
    });
  }
  return python;
}
