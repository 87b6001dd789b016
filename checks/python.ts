import { join } from "node:path";

import { localFolder, root } from "../local/paths.ts";
import { ensurePython } from "../local/python.ts";

/**
 * The Python environment of the checks, made if it is not there: cfn-lint, and what the examples run with.
 *
 * @returns the folder of its programs.
 */
export async function checksPrograms(): Promise<string> {
  const python = await ensurePython({
    folder: join(localFolder, "checks-venv"),
    requirements: join(root, "checks", "requirements.txt"),
    module: "cfnlint",
  });
  return join(python, "..");
}
