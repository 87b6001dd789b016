import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { binFolder, root } from "../run/paths.ts";

const folders = z
  .record(z.string(), z.unknown())
  .parse(JSON.parse(readFileSync(join(root, "tools", "checks", "mutation-folders.json"), "utf8")));
const known = Object.keys(folders);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));

/** Plants faults in one folder after the other. @returns whether at least 90 % of each were caught. */
function areCaught(names: readonly string[]): boolean {
  const statuses = names.map((folder) => {
    console.log(`--- ${folder}`);
    return spawnSync(join(binFolder, "stryker"), ["run"], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, MUTATION_FOLDER: folder },
    }).status;
  });
  return statuses.every((status) => status === 0);
}

if (unknown.length > 0) {
  console.error(`there is no folder ${unknown.join(", ")} to mutate; allowed: ${known.join(", ")}`);
  process.exitCode = 1;
} else if (!areCaught(asked.length > 0 ? asked : known)) {
  process.exitCode = 1;
}
