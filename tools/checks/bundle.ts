import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import type { Metafile } from "esbuild";

import { bundle } from "../../lib/bundle.ts";
import { root } from "../run/paths.ts";
import { type BundleContents, contentsOf } from "./bundle-contents.ts";

interface Limit {
  /** Maximum size of what the function loads at its start, in KiB. */
  readonly maxKib: number;

  /** Sources that must not be loaded at its start. */
  readonly forbidden: RegExp;
}

const limits = new Map<string, Limit>([
  [
    "board",
    {
      maxKib: 200,
      forbidden: /credential-provider-(sso|ini)|node_modules\/zod\/|event-streams/,
    },
  ],
  [
    "census",
    // No caller waits for it.
    {
      maxKib: 300,
      forbidden: /credential-provider-(sso|ini)|node_modules\/zod\/|event-streams/,
    },
  ],
  [
    "deploy-check",
    // It runs once per deployment.
    { maxKib: 400, forbidden: /credential-provider-(sso|ini)|zod\/v4\/locales\/(?!en\.)/ },
  ],
  [
    "ingest",
    {
      maxKib: 345,
      forbidden: /credential-provider-(sso|ini)|zod\/v4\/locales\/(?!en\.)|event-streams/,
    },
  ],
  [
    "publisher",
    {
      maxKib: 175,
      forbidden: /credential-provider-(sso|ini)|node_modules\/zod\/|event-streams/,
    },
  ],
  [
    "reconcile",
    // No caller waits for it.
    { maxKib: 400, forbidden: /credential-provider-(sso|ini)|zod\/v4\/locales\/(?!en\.)/ },
  ],
]);

const KIB = 1024;
const LARGEST_SHOWN = 6;

function packageOf(input: string): string {
  const inside = input.split("node_modules/").at(-1) ?? input;
  const parts = inside.split("/");
  return input.includes("node_modules/")
    ? parts.slice(0, inside.startsWith("@") ? 2 : 1).join("/")
    : "this project";
}

/** Formats the packages that contribute most to a bundle, in KiB. */
function formatLargest({ outputs }: Metafile, loaded: readonly string[]): string {
  const sizes = new Map<string, number>();
  for (const file of loaded) {
    for (const [input, { bytesInOutput }] of Object.entries(outputs[file]?.inputs ?? {})) {
      const name = packageOf(input);
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sizes]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, LARGEST_SHOWN)
    .map(([name, bytes]) => `${name} ${(bytes / KIB).toFixed(0)}`)
    .join(", ");
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

function check(folder: string, { bytes, inputs }: BundleContents, limit: Limit): void {
  const found = inputs.filter((input) => limit.forbidden.test(input));
  if (bytes > limit.maxKib * KIB) {
    fail(`${folder} must load at most ${limit.maxKib} KiB (got ${(bytes / KIB).toFixed(1)})`);
  }
  if (found.length > 0) {
    fail(`${folder} must not load ${found.join(", ")}`);
  }
}

const functions = readdirSync(join(root, "functions")).filter((folder) =>
  existsSync(join(root, "functions", folder, "handler.ts")),
);
for (const folder of functions) {
  const limit = limits.get(folder);
  if (limit === undefined) {
    fail(`${folder} has no size limit. Add one to tools/checks/bundle.ts.`);
    continue;
  }
  const outdir = mkdtempSync(join(tmpdir(), "bundle-"));
  try {
    const metafile = await bundle(folder, outdir);
    const contents = contentsOf(metafile, outdir);
    const zipped = contents.files.reduce(
      (sum, file) => sum + gzipSync(readFileSync(file)).length,
      0,
    );
    console.log(
      `${folder}: ${(contents.bytes / KIB).toFixed(1)} KiB at start (${(zipped / KIB).toFixed(1)} KiB compressed, limit ${limit.maxKib}). Largest: ${formatLargest(metafile, contents.outputs)}`,
    );
    check(folder, contents, limit);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
