import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { build, type Plugin } from "esbuild";

import { bundle, bundleEntry } from "../../../lib/bundle.ts";
import { root } from "../../run/paths.ts";
import { contentsOf } from "../../checks/bundle-contents.ts";

const prewarm = /^await Promise\.allSettled\(.*\);$/m;

/** Removes the line of ingest's handler that prepares the first request. */
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
 * Builds with the defaults of the CDK's `NodejsFunction`: CommonJS, not minified, the SDK from the runtime.
 * CommonJS has no top-level `await`, so the handler is built without it.
 */
async function buildWithCdkDefaults(folder: string, outfile: string): Promise<void> {
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

/** The files whose cold starts are compared; each exports a `handler`. */
export interface ColdBuilds {
  readonly empty: string;
  readonly cdkDefault: string;
  readonly ingest: string;
  readonly prewarmed: string;
  readonly publisher: string;
  readonly publisherCdkDefault: string;
}

/** KiB that a function loads before its first call, and the same compressed. */
export interface Size {
  readonly kib: number;
  readonly gzipped: number;
}

/** Bundles a function as deployed. @returns its size. */
async function buildDeployed(name: string, folder: string): Promise<Size> {
  const { bytes, files } = contentsOf(await bundle(name, folder), folder);
  const gzipped = files.map((file) => gzipSync(readFileSync(file)).length);
  return { kib: bytes / 1024, gzipped: gzipped.reduce((sum, size) => sum + size, 0) / 1024 };
}

/** Builds everything whose cold start is compared. */
export async function buildCold(
  folder: string,
): Promise<ColdBuilds & { readonly sizes: Readonly<Record<"ingest" | "publisher", Size>> }> {
  const inside = (name: string) => join(folder, name, "index.mjs");
  await mkdir(join(folder, "empty"));
  await writeFile(inside("empty"), "export const handler = async () => ({ statusCode: 200 });\n");
  await bundleEntry("functions/ingest/handler.ts", join(folder, "ingest"), [withoutPrewarm]);
  const sizes = {
    ingest: await buildDeployed("ingest", join(folder, "prewarmed")),
    publisher: await buildDeployed("publisher", join(folder, "publisher")),
  };
  const cdkDefault = join(folder, "cdk-default.cjs");
  await buildWithCdkDefaults("ingest", cdkDefault);
  const publisherCdkDefault = join(folder, "publisher-cdk-default.cjs");
  await buildWithCdkDefaults("publisher", publisherCdkDefault);
  return {
    empty: inside("empty"),
    cdkDefault,
    ingest: inside("ingest"),
    prewarmed: inside("prewarmed"),
    publisher: inside("publisher"),
    publisherCdkDefault,
    sizes,
  };
}

/** Bundles the programs that compare warm calls, in the same way as the functions. */
export async function buildWarm(folder: string): Promise<{ ingest: string; publisher: string }> {
  const buildProgram = async (name: string) => {
    await bundleEntry(`tools/bench/performance/warm-${name}.mjs`, join(folder, `warm-${name}`));
    return join(folder, `warm-${name}`, "index.mjs");
  };
  return { ingest: await buildProgram("ingest"), publisher: await buildProgram("publisher") };
}
