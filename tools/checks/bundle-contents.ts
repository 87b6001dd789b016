import { statSync } from "node:fs";
import { basename, join } from "node:path";

import type { Metafile } from "esbuild";

/** What of a bundle Lambda loads before the first request. */
export interface BundleContents {
  /** The sources that it is made of, from the project's root. */
  readonly inputs: readonly string[];
  /** The files themselves. */
  readonly files: readonly string[];
  /** Its size on disk. */
  readonly bytes: number;
}

/** `index.mjs`, and whatever that imports other than on demand. */
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

/** Measures a bundle that lies in a folder. */
export function contentsOf(metafile: Metafile, folder: string): BundleContents {
  const loaded = loadedAtStart(metafile);
  const files = loaded.map((file) => join(folder, basename(file)));
  return {
    inputs: loaded.flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {})),
    files,
    bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
  };
}
