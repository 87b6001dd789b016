import { join } from "node:path";

import { localFolder, root } from "../run/paths.ts";
import { ensurePython } from "../run/python.ts";

/** Makes an environment of the checks if it is not there. @returns the folder of its programs. */
async function programsOf(folder: string, requirements: string, module: string): Promise<string> {
  const python = await ensurePython({
    folder: join(localFolder, folder),
    requirements: join(root, "tools", "checks", requirements),
    module,
  });
  return join(python, "../..");
}

/**
 * The Python environment of the checks, made if it is not there: cfn-lint, and what the examples run with.
 *
 * @returns the folder of its programs.
 */
export async function checksPrograms(): Promise<string> {
  return await programsOf("checks-venv", "requirements.txt", "cfnlint");
}

/**
 * Checkov's Python environment, made if it is not there. It has one of its own, as it wants older versions
 * of what cfn-lint and the AWS command line stand on.
 *
 * @returns the folder of its programs.
 */
export async function checkovPrograms(): Promise<string> {
  return await programsOf("checkov-venv", "requirements-checkov.txt", "checkov");
}
