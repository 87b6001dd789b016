import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { lock } from "./lock-file.ts";
import { lastLines, runCommand } from "./command.ts";
import { LocalError } from "./local-error.ts";

/** A virtual environment and its contents. */
export interface PythonEnvironment {
  readonly folder: string;
  /** A requirements file with the hash of every package. */
  readonly requirements: string;
  /** A module that must be importable. @default "ministack", the emulator */
  readonly module?: string | undefined;
  /** Stops the installation. */
  readonly signal?: AbortSignal | undefined;
}

const CANDIDATES = ["python3", ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`)];
const RECENT_CHECK = "import sys; sys.exit(0 if sys.version_info >= (3, 10) else 3)";
const VENV_CHECK = "import venv, ensurepip";
/** A module is missing, for example, if the system's Python was replaced after the environment was created. */
const moduleCheck = (name: string) =>
  `import importlib.util, sys; sys.exit(not importlib.util.find_spec('${name}'))`;

async function succeeds(python: string, code: string, signal?: AbortSignal): Promise<boolean> {
  try {
    return (await runCommand(python, ["-c", code], { signal })).code === 0;
  } catch {
    signal?.throwIfAborted();
    // The program does not exist.
    return false;
  }
}

async function findPython(signal?: AbortSignal): Promise<string> {
  let hasRecent = false;
  for (const candidate of CANDIDATES) {
    if (await succeeds(candidate, RECENT_CHECK, signal)) {
      hasRecent = true;
      if (await succeeds(candidate, VENV_CHECK, signal)) {
        return candidate;
      }
    }
  }
  throw new LocalError(
    hasRecent
      ? "Python's venv module is missing. Install it (Debian and Ubuntu: apt install python3-venv), then try again."
      : "Python 3.10 or later was not found as python3 or python3.10 to python3.14. Install it, then try again.",
  );
}

const PIP_OPTIONS = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"];

async function install({ folder, requirements, signal }: PythonEnvironment): Promise<void> {
  const python = await findPython(signal);
  const venv = await runCommand(python, ["-m", "venv", "--clear", folder], { signal });
  if (venv.code !== 0) {
    throw new LocalError(
      `${python} could not create a virtual environment in ${folder}. Fix the cause, then try again:\n${lastLines(venv.output)}`,
    );
  }
  const pip = await runCommand(
    join(folder, "bin", "python"),
    ["-m", "pip", "install", ...PIP_OPTIONS, "-r", requirements],
    { signal },
  );
  if (pip.code !== 0) {
    throw new LocalError(
      `pip could not install ${requirements}. Check the network and the package index of pip, then try again:\n${lastLines(pip.output)}`,
    );
  }
}

async function isComplete(environment: PythonEnvironment, hash: string): Promise<boolean> {
  const stamp = stampOf(environment);
  const { module = "ministack", signal } = environment;
  return (
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === hash &&
    (await succeeds(pythonOf(environment), moduleCheck(module), signal))
  );
}

const pythonOf = ({ folder }: PythonEnvironment) => join(folder, "bin", "python");

/** Written last, so that an incomplete environment has no stamp. */
const stampOf = ({ folder }: PythonEnvironment) => join(folder, ".requirements");

/**
 * Creates a virtual environment with exactly the packages of a requirements file. An existing, complete one
 * is reused.
 *
 * @returns the path of its Python.
 * @throws LocalError if Python, its venv module or the package index is not available.
 */
export async function ensurePython(environment: PythonEnvironment): Promise<string> {
  const text = readFileSync(environment.requirements);
  const hash = createHash("sha256").update(text).digest("hex");
  // Two processes must not create the same environment at the same time.
  const release = await lock(`${environment.folder}.pid`, environment.signal);
  try {
    if (!(await isComplete(environment, hash))) {
      rmSync(environment.folder, { recursive: true, force: true });
      await install(environment);
      writeFileSync(stampOf(environment), hash);
    }
  } finally {
    release();
  }
  return pythonOf(environment);
}
