import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { build, type Plugin } from "esbuild";

import { bundle, bundleEntry } from "../../../lib/bundle.ts";
import { root } from "../../run/paths.ts";
import { contentsOf } from "../../checks/bundle-contents.ts";

const prewarm = /^await Promise\.allSettled\(.*\);$/m;

/** Ingest's handler as it would be if it prepared nothing before the first request. */
const withoutPrewarm: Plugin = {
  name: "without-prewarm",
  setup(esbuild) {
    esbuild.onLoad({ filter: /[\\/]functions[\\/]ingest[\\/]handler\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (!prewarm.test(text)) {
        throw new Error(`${path} has no line that prepares the first request`);
      }
      return { contents: text.replace(prewarm, ""), loader: "ts" };
    });
  },
};

/**
 * As `NodejsFunction` of CDK calls esbuild unless it is told more: CommonJS, not minified, the SDK left to
 * the runtime. CommonJS has no `await` at its top, so that only the handler without it can be built so.
 */
async function asCdkDoes(folder: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: [join("functions", folder, "handler.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    external: ["@aws-sdk/*", "@smithy/*"],
    plugins: [withoutPrewarm],
    logLevel: "error",
  });
}

/** The files whose cold start is compared; each has a `handler`. */
export interface ColdBuilds {
  readonly empty: string;
  readonly cdkDefault: string;
  readonly ingest: string;
  readonly prewarmed: string;
  readonly publisher: string;
  readonly publisherCdkDefault: string;
  readonly raw: string;
}

/** KiB of what a function loads before its first call, as files and as they travel. */
export interface Size {
  readonly kib: number;
  readonly gzipped: number;
}

/** A function as it is deployed. */
async function deployed(name: string, folder: string): Promise<Size> {
  const { bytes, files } = contentsOf(await bundle(name, folder), folder);
  const gzipped = files.map((file) => gzipSync(readFileSync(file)).length);
  return { kib: bytes / 1024, gzipped: gzipped.reduce((sum, size) => sum + size, 0) / 1024 };
}

/** Makes everything whose cold start is compared, below the folder. */
export async function buildCold(
  folder: string,
): Promise<ColdBuilds & { readonly sizes: Readonly<Record<"ingest" | "publisher", Size>> }> {
  const inside = (name: string) => join(folder, name, "index.mjs");
  await mkdir(join(folder, "empty"));
  await writeFile(inside("empty"), "export const handler = async () => ({ statusCode: 200 });\n");
  await bundleEntry("functions/ingest/handler.ts", join(folder, "ingest"), [withoutPrewarm]);
  await bundleEntry("tools/bench/performance/raw-floor.mjs", join(folder, "raw"));
  const sizes = {
    ingest: await deployed("ingest", join(folder, "prewarmed")),
    publisher: await deployed("publisher", join(folder, "publisher")),
  };
  const cdkDefault = join(folder, "cdk-default.cjs");
  await asCdkDoes("ingest", cdkDefault);
  const publisherCdkDefault = join(folder, "publisher-cdk-default.cjs");
  await asCdkDoes("publisher", publisherCdkDefault);
  return {
    empty: inside("empty"),
    cdkDefault,
    ingest: inside("ingest"),
    prewarmed: inside("prewarmed"),
    publisher: inside("publisher"),
    publisherCdkDefault,
    raw: inside("raw"),
    sizes,
  };
}

/** Makes the programs that compare warm calls, in the way functions are made. */
export async function buildWarm(folder: string): Promise<{ ingest: string; publisher: string }> {
  const made = async (name: string) => {
    await bundleEntry(`tools/bench/performance/warm-${name}.mjs`, join(folder, `warm-${name}`));
    return join(folder, `warm-${name}`, "index.mjs");
  };
  return { ingest: await made("ingest"), publisher: await made("publisher") };
}
