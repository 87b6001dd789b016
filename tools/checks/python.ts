import { dirname, join } from "node:path";

import { localFolder, root } from "../run/paths.ts";
import { ensurePython } from "../run/python.ts";

/**
 * Creates the Python environment of the checks if it does not exist: cfn-lint and the packages that the
 * examples need.
 *
 * @returns the folder of its programs.
 */
export async function checksPrograms(): Promise<string> {
  const python = await ensurePython({
    folder: join(localFolder, "checks-venv"),
    requirements: join(root, "tools", "checks", "requirements.txt"),
    module: "cfnlint",
  });
  return dirname(python);
}
