import { statSync } from "node:fs";
import { basename, join } from "node:path";

import type { Metafile } from "esbuild";

/** The part of a bundle that Lambda loads before the first request. */
export interface BundleContents {
  /** Its sources, relative to the project's root. */
  readonly inputs: readonly string[];
  /** Its size on disk. */
  readonly bytes: number;
}

/** Returns `index.mjs` and the files that it imports statically. */
function loadedAtStart({ outputs }: Metafile): string[] {
  const loaded = new Set(Object.keys(outputs).filter((file) => basename(file) === "index.mjs"));
  for (const file of loaded) {
    for (const { path, kind } of outputs[file]?.imports ?? []) {
      if (kind === "import-statement" && path in outputs) {
        loaded.add(path);
      }
    }
  }
  return [...loaded];
}

/** Measures a bundle in a folder. */
export function contentsOf(metafile: Metafile, folder: string): BundleContents {
  const loaded = loadedAtStart(metafile);
  const files = loaded.map((file) => join(folder, basename(file)));
  return {
    inputs: loaded.flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {})),
    bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
  };
}
