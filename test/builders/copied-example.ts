import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Cloud } from "../../local/emulator/cloud.ts";
import { runCommand } from "../../tools/run/command.ts";
import { binFolder, root } from "../../tools/run/paths.ts";
import { linkPackages } from "./link-packages.ts";
import { packInto } from "./packed-project.ts";
import { readerEnvironment } from "./reader-environment.ts";

/** An example that is copied out of this repository, with the packed package, as its README describes. */
export interface CopiedExample {
  /** The blocks of commands in its README, in order. */
  readonly blocks: readonly (readonly string[])[];
  /** Copies the example and packs the package. */
  readonly copy: (cloud: Cloud) => Promise<void>;
  /** Runs a command of the README as a reader does. @returns its output. */
  readonly type: (line: string) => Promise<string>;
  readonly remove: () => void;
}

/** Returns an example in a folder of its own. Nothing else of this repository is near it. */
export function anExample(name: string): CopiedExample {
  const example = join(root, "examples", name);
  const parent = mkdtempSync(join(tmpdir(), `${name}-`));
  const folder = join(parent, name);
  const cloudFile = join(parent, "cloud.json");
  const page = readFileSync(join(example, "README.md"), "utf8");

  return {
    blocks: [...page.matchAll(/```sh\n([\s\S]*?)\n```/g)].map(([, block = ""]) =>
      block.split("\n"),
    ),

    copy: async (cloud) => {
      writeFileSync(cloudFile, JSON.stringify(cloud));
      cpSync(example, folder, {
        recursive: true,
        filter: (path) => !/node_modules|cdk\.out|dist|package-lock|\.tgz$/.test(path),
      });
      cpSync(join(root, "examples", "try"), join(folder, "try"), { recursive: true });
      const { dependencies, devDependencies } = JSON.parse(
        readFileSync(join(folder, "package.json"), "utf8"),
      ) as Record<string, Record<string, string>>;
      linkPackages(folder, Object.keys({ ...dependencies, ...devDependencies }));
      await packInto(folder);
    },

    type: async (line) => {
      const { code, output } = await runCommand("bash", ["-c", line], {
        cwd: folder,
        env: {
          ...readerEnvironment(),
          PATH: `${binFolder}:${process.env["PATH"] ?? ""}`,
          LOCAL_CLOUD: cloudFile,
        },
      });
      if (code !== 0) {
        throw new Error(`${line} ended with ${String(code)}: ${output}`);
      }
      return output;
    },

    remove: () => {
      rmSync(parent, { recursive: true, force: true });
    },
  };
}
