import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { root } from "../local/paths.ts";
import { type GeneratedFiles, generatedFiles } from "./files.ts";

/** Folders that hold generated files and nothing else. */
const folders = ["catalogue/json-schema", "catalogue/openapi"];

/** Files that nothing makes any more: of a type that was renamed, for example. */
function orphans(files: GeneratedFiles): string[] {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((file) => `${folder}/${file}`))
    .filter((file) => !files.has(file));
}

function isStale([file, content]: readonly [string, string]): boolean {
  const path = join(root, file);
  return !existsSync(path) || readFileSync(path, "utf8") !== content;
}

function write(files: GeneratedFiles): void {
  for (const file of orphans(files)) {
    rmSync(join(root, file));
  }
  for (const [file, content] of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
}

function check(files: GeneratedFiles): void {
  const stale = [...[...files].filter(isStale).map(([file]) => file), ...orphans(files)];
  if (stale.length > 0) {
    console.error(`${stale.join(", ")}: stale; run npm run catalogue`);
    process.exitCode = 1;
  }
}

const files = await generatedFiles();
if (process.argv.includes("--check")) {
  check(files);
} else {
  write(files);
  console.log(`${files.size} files made from functions/availability/catalogue.ts`);
}
