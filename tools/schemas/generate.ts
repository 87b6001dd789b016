import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

import { root } from "../run/paths.ts";
import { breakingChanges, publishingProblems, staleFiles } from "./check.ts";
import { type Files, folders, generatedFiles, PUBLISHED_FOLDER, publishedFiles } from "./files.ts";

function listFiles(folder: string): string[] {
  const path = join(root, folder);
  return existsSync(path) ? readdirSync(path).map((file) => `${folder}/${file}`) : [];
}

/** Returns the generated files on disk, including stale ones, by path. */
function filesOnDisk(generated: Files): Files {
  const names = new Set([...generated.keys(), ...folders.flatMap(listFiles)]);
  return textsOf([...names]);
}

function textsOf(names: readonly string[]): Files {
  const files = new Map<string, string>();
  for (const name of names) {
    const path = join(root, name);
    if (existsSync(path)) {
      files.set(name, readFileSync(path, "utf8"));
    }
  }
  return files;
}

function write(files: Files): void {
  for (const [file, content] of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
}

function report(problems: readonly string[]): void {
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    process.exitCode = 1;
  }
}

/** Generates the files that are derived from the catalogue. */
async function generate(): Promise<void> {
  const files = await generatedFiles();
  for (const file of staleFiles(filesOnDisk(files), files)) {
    rmSync(join(root, file), { force: true });
  }
  write(files);
  console.log(`Generated ${files.size} files from functions/availability/catalogue.ts.`);
}

/** Fails if a file is stale, or a schema breaks consumers or is not published. */
async function check(): Promise<void> {
  const files = await generatedFiles();
  const published = textsOf(listFiles(PUBLISHED_FOLDER));
  const stale = staleFiles(filesOnDisk(files), files);
  report([
    ...stale.map((file) => `${file} is stale. Run npm run catalogue.`),
    ...publishingProblems(published, publishedFiles(files)),
  ]);
}

/** Copies the schemas to schemas/published, unless they break consumers. */
async function publish(): Promise<void> {
  const schemas = publishedFiles(await generatedFiles());
  const broken = breakingChanges(textsOf(listFiles(PUBLISHED_FOLDER)), schemas);
  if (broken.length > 0) {
    report(broken);
    return;
  }
  write(schemas);
  console.log(`Published ${schemas.size} schemas in ${PUBLISHED_FOLDER}.`);
}

const { values: options } = parseArgs({
  options: { check: { type: "boolean" }, publish: { type: "boolean" } },
});
if (options.check === true) {
  await check();
} else if (options.publish === true) {
  await publish();
} else {
  await generate();
}
