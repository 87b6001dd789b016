import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

import type { Metafile } from "esbuild";

import { bundle } from "../../lib/bundle.ts";

/** The most that a function may load at its start, in KiB, and what must not be in it. */
const limits = {
  census: {
    // Nobody waits for it.
    most: 300,
    forbidden: /credential-provider-(sso|ini)|node_modules\/zod\/|event-streams/,
  },
  ingest: {
    most: 345,
    forbidden: /credential-provider-(sso|ini)|zod\/v4\/locales\/(?!en\.)|event-streams/,
  },
  "deploy-check": {
    // Runs once a deployment, and nobody waits for it.
    most: 400,
    forbidden: /credential-provider-(sso|ini)|zod\/v4\/locales\/(?!en\.)/,
  },
  publisher: {
    most: 175,
    forbidden: /credential-provider-(sso|ini)|node_modules\/zod\/|event-streams/,
  },
} as const;

const KIB = 1024;
const HEAVIEST = 6;

/** What is loaded when the function starts: its entry, and what that imports statically. */
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

function packageOf(input: string): string {
  const inside = input.split("node_modules/").at(-1) ?? input;
  const parts = inside.split("/");
  return input.includes("node_modules/")
    ? parts.slice(0, inside.startsWith("@") ? 2 : 1).join("/")
    : "this project";
}

function heaviest({ outputs }: Metafile, files: readonly string[]): string {
  const weights = new Map<string, number>();
  for (const file of files) {
    for (const [input, { bytesInOutput }] of Object.entries(outputs[file]?.inputs ?? {})) {
      const name = packageOf(input);
      weights.set(name, (weights.get(name) ?? 0) + bytesInOutput);
    }
  }
  const sorted = [...weights].toSorted(([, first], [, second]) => second - first);
  return sorted
    .slice(0, HEAVIEST)
    .map(([name, bytes]) => `${name} ${(bytes / KIB).toFixed(0)}`)
    .join(", ");
}

for (const [folder, { most, forbidden }] of Object.entries(limits)) {
  const outdir = mkdtempSync(join(tmpdir(), "bundle-"));
  const metafile = await bundle(folder, outdir);
  const files = loadedAtStart(metafile);
  const bytes = files.reduce((sum, file) => sum + (metafile.outputs[file]?.bytes ?? 0), 0);
  const zipped = files.reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(outdir, basename(file)))).length,
    0,
  );
  const found = files
    .flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}))
    .filter((input) => forbidden.test(input));
  rmSync(outdir, { recursive: true });
  console.log(
    `${folder}: ${(bytes / KIB).toFixed(1)} KiB at start (${(zipped / KIB).toFixed(1)} zipped), at most ${most}; heaviest in KiB: ${heaviest(metafile, files)}`,
  );
  if (bytes > most * KIB || found.length > 0) {
    console.error(
      `${folder} is too large, or holds what it must not: ${found.join(", ") || "no forbidden input"}`,
    );
    process.exitCode = 1;
  }
}
