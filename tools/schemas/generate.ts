import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { root } from "../run/paths.ts";
import { breaks, publishingProblems, staleFiles } from "./check.ts";
import { type Files, folders, generatedFiles, PUBLISHED, publishedFiles } from "./files.ts";

const USAGE = `npm run catalogue               makes what is made from the catalogue
npm run catalogue -- --check    fails when a file is stale, a schema breaks a consumer, or is not published
npm run catalogue -- --publish  keeps the schemas as they are now as published, unless they break a consumer`;

function filesIn(folder: string): string[] {
  const path = join(root, folder);
  return existsSync(path) ? readdirSync(path).map((file) => `${folder}/${file}`) : [];
}

/** What is there of what is generated, by path. */
function filesOnDisk(wanted: Files): Files {
  const names = new Set([...wanted.keys(), ...folders.flatMap(filesIn)]);
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

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    process.exitCode = 1;
  }
}

async function make(): Promise<void> {
  const files = await generatedFiles();
  for (const file of staleFiles(filesOnDisk(files), files)) {
    rmSync(join(root, file), { force: true });
  }
  write(files);
  console.log(`${files.size} files made from functions/availability/catalogue.ts`);
}

async function check(): Promise<void> {
  const [files, schemas] = [await generatedFiles(), await publishedFiles()];
  const published = textsOf(filesIn(PUBLISHED));
  const stale = staleFiles(filesOnDisk(files), files);
  refuse([
    ...stale.map((file) => `${file} is stale: run npm run catalogue`),
    ...publishingProblems(published, schemas),
  ]);
}

async function publish(): Promise<void> {
  const schemas = await publishedFiles();
  const broken = breaks(textsOf(filesIn(PUBLISHED)), schemas);
  if (broken.length > 0) {
    refuse(broken);
    return;
  }
  write(schemas);
  console.log(`${schemas.size} schemas published in ${PUBLISHED}`);
}

const commands = new Map([
  ["", make],
  ["--check", check],
  ["--publish", publish],
]);

const argument = process.argv.slice(2).join(" ");
const command = commands.get(argument);
if (command) {
  await command();
} else {
  refuse([`${argument} is not understood\n\n${USAGE}`]);
}
