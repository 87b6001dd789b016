import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { claim } from "./lock-file.ts";
import { lastLines, runCommand } from "./command.ts";
import { LocalError } from "./local-error.ts";

/** An environment, what it must hold, and what gives up making it. */
export interface PythonEnvironment {
  readonly folder: string;
  /** A requirements file with the hash of every package. */
  readonly requirements: string;
  /** One of the modules that it has to have. @default "ministack", the emulator */
  readonly module?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

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
/** Gone, for one, when the machine's own Python was replaced under the environment. */
const hasModule = (name: string) =>
  `import importlib.util, sys; sys.exit(not importlib.util.find_spec('${name}'))`;

async function succeeds(python: string, code: string, signal?: AbortSignal): Promise<boolean> {
  try {
    return (await runCommand(python, ["-c", code], { signal })).code === 0;
  } catch {
    signal?.throwIfAborted();
    // There is no such program.
    return false;
  }
}

async function findPython(signal?: AbortSignal): Promise<string> {
  let hasRecent = false;
  for (const candidate of CANDIDATES) {
    if (await succeeds(candidate, IS_RECENT, signal)) {
      hasRecent = true;
      if (await succeeds(candidate, HAS_VENV, signal)) {
        return candidate;
      }
    }
  }
  throw new LocalError(
    hasRecent
      ? "Python is there, but its venv module is not. Install it (on Debian and Ubuntu: apt install python3-venv), and try again."
      : "The local cloud needs Python 3.10 or later, and none was found under the names python3 and python3.10 to python3.14. Install it, and try again.",
  );
}

const PIP_OPTIONS = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"];

async function install({ folder, requirements, signal }: PythonEnvironment): Promise<void> {
  const python = await findPython(signal);
  const venv = await runCommand(python, ["-m", "venv", "--clear", folder], { signal });
  if (venv.code !== 0) {
    throw new LocalError(
      `${python} could not make a virtual environment in ${folder}. Mend what it says, and try again:\n${lastLines(venv.output)}`,
    );
  }
  const pip = await runCommand(
    join(folder, "bin", "python"),
    ["-m", "pip", "install", ...PIP_OPTIONS, "-r", requirements],
    { signal },
  );
  if (pip.code !== 0) {
    throw new LocalError(
      `pip could not install what ${requirements} names. Look at the network and at the index that pip is set to use, and try again:\n${lastLines(pip.output)}`,
    );
  }
}

/** Waits until no other command is making the same environment. */
async function claimFolder({ folder, signal }: PythonEnvironment): Promise<() => void> {
  for (;;) {
    const release = claim(`${folder}.pid`);
    if (release) {
      return release;
    }
    await sleep(200, undefined, { signal });
  }
}

async function isWhole(environment: PythonEnvironment, hash: string): Promise<boolean> {
  const stamp = stampOf(environment);
  const { module = "ministack", signal } = environment;
  return (
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === hash &&
    (await succeeds(pythonOf(environment), hasModule(module), signal))
  );
}

const pythonOf = ({ folder }: PythonEnvironment) => join(folder, "bin", "python");

/** Written when all is installed, so that half an environment has none. */
const stampOf = ({ folder }: PythonEnvironment) => join(folder, ".requirements");

/**
 * Makes a virtual environment that holds exactly what a requirements file names, by hash. One that is
 * there already, and whole, is taken as it is; one that is not is made anew.
 *
 * @returns the path of its Python.
 * @throws LocalError when Python, its venv module or the index is not there.
 */
export async function ensurePython(environment: PythonEnvironment): Promise<string> {
  const text = readFileSync(environment.requirements);
  const hash = createHash("sha256").update(text).digest("hex");
  const release = await claimFolder(environment);
  try {
    if (!(await isWhole(environment, hash))) {
      rmSync(environment.folder, { recursive: true, force: true });
      await install(environment);
      writeFileSync(stampOf(environment), hash);
    }
  } finally {
    release();
  }
  return pythonOf(environment);
}
