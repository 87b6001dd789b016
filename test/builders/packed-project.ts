import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lock } from "../../tools/run/lock-file.ts";
import { runCommand } from "../../tools/run/command.ts";
import { binFolder, localFolder, root } from "../../tools/run/paths.ts";
import { linkPackages } from "./link-packages.ts";

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await runCommand(command, args, {
    cwd,
    env: { ...process.env, PATH: `${binFolder}:${process.env["PATH"] ?? ""}` },
  });
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${String(code)}: ${output}`);
  }
  return output;
}

/** Contains the packed package, once for all test files of a run: they share one temporary folder. */
const packedFolder = join(tmpdir(), "packed");

/** Returns the packed package, if a test file of this run has packed it. */
function packedFile(): string | undefined {
  const files = existsSync(packedFolder) ? readdirSync(packedFolder) : [];
  return files.find((name) => name.endsWith(".tgz"));
}

/**
 * Puts the package into a folder, packed as it would be published. Packing rebuilds `dist`, so only one process
 * may do it at a time.
 *
 * @returns the path of the file.
 */
export async function packInto(folder: string): Promise<string> {
  const release = await lock(join(localFolder, "pack.pid"));
  try {
    if (packedFile() === undefined) {
      mkdirSync(packedFolder, { recursive: true });
      await run("npm", ["pack", "--silent", "--pack-destination", packedFolder], root);
    }
    const name = packedFile() ?? "";
    copyFileSync(join(packedFolder, name), join(folder, name));
    return join(folder, name);
  } finally {
    release();
  }
}

/** Adds this project's own versions, so that a test does not depend on the newest ones. */
function withVersions(names: readonly string[]): string[] {
  const about = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  return names.map((name) => `${name}@${about.devDependencies[name] ?? ""}`);
}

/** Creates a project outside this checkout with the packed package and `packages` installed. */
export async function aProject(packages: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "project-"));
  linkPackages(folder, packages);
  const packed = await packInto(folder);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "somebody-elses", private: true, type: "module" }),
  );
  await run(
    "npm",
    ["install", "--no-audit", "--no-fund", "--prefer-offline", packed, ...withVersions(packages)],
    folder,
  );
  return {
    folder,
    write: (file: string, text: string) => {
      writeFileSync(join(folder, file), text);
    },
    run: async (command: string, ...args: readonly string[]) => await run(command, args, folder),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Project = Awaited<ReturnType<typeof aProject>>;
