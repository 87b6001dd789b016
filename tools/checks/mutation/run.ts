import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { binFolder, root } from "../../run/paths.ts";

const folders = z
  .record(z.string(), z.unknown())
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "folders.json"), "utf8")));
const names = Object.keys(folders);
const selected = process.argv.slice(2);
const unknown = selected.filter((name) => !names.includes(name));

/** Runs mutation tests for one folder after the other. @returns whether each reaches the threshold. */
function test(selection: readonly string[]): boolean {
  const statuses = selection.map((folder) => {
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
  console.error(`folder must be one of ${names.join(", ")} (got ${unknown.join(", ")})`);
  process.exitCode = 1;
} else if (!test(selected.length > 0 ? selected : names)) {
  process.exitCode = 1;
}
