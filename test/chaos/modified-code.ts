import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { deploy, synth } from "../../local/emulator/deploy.ts";
import { lastLines, runCommand } from "../../tools/run/command.ts";
import { binFolder, localFolder, root } from "../../tools/run/paths.ts";
import type { Environment } from "./environment.ts";

/** A text in a source file, and its replacement. */
export interface Edit {
  /** Path relative to the repository. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Folders that bundles and syntheses do not need, or that a copy within the repository finds anyway. */
const NOT_COPIED = new Set([
  ".git",
  ".local",
  "cdk.out",
  "coverage",
  "dist",
  "docs",
  "node_modules",
  "test",
]);

/**
 * Replaces the text of an edit.
 *
 * @throws Error unless `source` contains the text exactly once: an edit without effect proves nothing.
 */
export function applyEdit(source: string, { file, from, to }: Edit): string {
  const found = source.split(from).length - 1;
  if (found !== 1) {
    throw new Error(`${file} must contain this text exactly once (got ${found} times): ${from}`);
  }
  return source.replace(from, () => to);
}

/** Applies edits to a copy of the source. The copy is in the repository, where Node finds the packages. */
async function withModifiedCopy<Result>(
  edits: readonly Edit[],
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  mkdirSync(localFolder, { recursive: true });
  const folder = mkdtempSync(join(localFolder, "modified-"));
  try {
    for (const name of readdirSync(root).filter((each) => !NOT_COPIED.has(each))) {
      cpSync(join(root, name), join(folder, name), { recursive: true });
    }
    for (const edit of edits) {
      const file = join(folder, edit.file);
      writeFileSync(file, applyEdit(readFileSync(file, "utf8"), edit));
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(command, args, { cwd: root });
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} failed: ${lastLines(output)}`);
  }
}

/** Bundles a function from edited source, as a ZIP file. */
export async function bundleModified(
  folder: "ingest" | "publisher" | "reconcile" | "history",
  edits: readonly Edit[],
): Promise<Uint8Array> {
  return await withModifiedCopy(edits, async (copy) => {
    const out = join(copy, "out");
    await run(join(binFolder, "node"), [join(copy, "lib", "bundle.ts"), folder, out]);
    const files = readdirSync(out).map((name) => join(out, name));
    const zip = join(copy, "code.zip");
    await run(join(localFolder, "venv", "bin", "python"), ["-m", "zipfile", "-c", zip, ...files]);
    return readFileSync(zip);
  });
}

/** Deploys the stack from edited source, with the real `cdk deploy`. */
export async function deployModified(
  { cloud }: Environment,
  edits: readonly Edit[],
): Promise<void> {
  await withModifiedCopy(edits, async (folder) => {
    const { endpoint, stage, logFile } = cloud;
    const runFolder = join(folder, "run");
    mkdirSync(join(runFolder, "tmp"), { recursive: true });
    const signal = new AbortController().signal;
    const deployment = { endpoint, stage, logFile, runFolder, folder, signal };
    await synth(deployment);
    await deploy(deployment);
  });
}
