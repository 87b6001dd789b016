import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const source = fileURLToPath(new URL(".", import.meta.url));

/**
 * Builds the page: `index.html`, `board.css`, `board.js` and the chunks that it loads on demand.
 *
 * @returns the content of each file, by file name.
 */
export async function buildPage(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: {
      board: join(source, "main.tsx"),
      "board.css": join(source, "board.css"),
    },
    entryNames: "[name]",
    chunkNames: "[name]-[hash]",
    outdir: source,
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2023",
    minify: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "warning",
  });
  const index = await readFile(join(source, "index.html"));
  return new Map([
    ["index.html", index],
    ...outputFiles.map(
      ({ path, contents }) => [basename(path).replace(".css.css", ".css"), contents] as const,
    ),
  ]);
}
