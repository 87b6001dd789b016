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

import { lastLines, runCommand } from "../../tools/run/command.ts";
import { deploy, synth } from "../../local/emulator/deploy.ts";
import { binFolder, localFolder, root } from "../../tools/run/paths.ts";
import type { Stand } from "./stand.ts";

/** A place in the source, and what is there instead in the changed copy. */
export interface Change {
  /** From the checkout's root. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** What neither a function's bundle nor a synthesis reads, and what a copy in the checkout still finds. */
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
 * Copies what is deployed, changes it, and lets it be used. The copy lies in the checkout, where Node
 * finds the packages.
 *
 * @throws Error when the source is not as a change expects it: a change that changes nothing proves nothing.
 */
async function withCopy<Result>(
  changes: readonly Change[],
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  mkdirSync(localFolder, { recursive: true });
  const folder = mkdtempSync(join(localFolder, "changed-"));
  try {
    for (const name of readdirSync(root).filter((each) => !NOT_COPIED.has(each))) {
      cpSync(join(root, name), join(folder, name), { recursive: true });
    }
    for (const { file, from, to } of changes) {
      const text = readFileSync(join(folder, file), "utf8");
      if (text.split(from).length !== 2) {
        throw new Error(`${file} must have exactly once, to be changed: ${from}`);
      }
      writeFileSync(
        join(folder, file),
        text.replace(from, () => to),
      );
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(command, args, { cwd: root });
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")}: ${lastLines(output)}`);
  }
}

/** A function's bundle with changes in its source, as a ZIP file. */
export async function bundled(
  folder: "ingest" | "publisher",
  changes: readonly Change[],
): Promise<Uint8Array> {
  return await withCopy(changes, async (copy) => {
    const out = join(copy, "out");
    await run(join(binFolder, "node"), [join(copy, "lib", "bundle.ts"), folder, out]);
    const files = readdirSync(out).map((name) => join(out, name));
    const zip = join(copy, "code.zip");
    await run(join(localFolder, "venv", "bin", "python"), ["-m", "zipfile", "-c", zip, ...files]);
    return readFileSync(zip);
  });
}

/** Deploys the stack anew with changes in its source, by the real `cdk deploy`. */
export async function deployChanged({ cloud }: Stand, changes: readonly Change[]): Promise<void> {
  await withCopy(changes, async (folder) => {
    const { endpoint, stage, logFile } = cloud;
    const runFolder = join(folder, "run");
    mkdirSync(join(runFolder, "tmp"), { recursive: true });
    const signal = new AbortController().signal;
    const deployment = { endpoint, stage, logFile, runFolder, folder, signal };
    await synth(deployment);
    await deploy(deployment);
  });
}
