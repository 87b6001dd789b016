import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { build, type Plugin } from "esbuild";

import { bundle, bundleEntry } from "../../../lib/bundle.ts";
import { root } from "../../run/paths.ts";

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
 * Builds ingest with the defaults of the CDK's `NodejsFunction`: CommonJS, not minified, the SDK from the
 * runtime. CommonJS has no top-level `await`, so the handler is built without it.
 */
async function buildWithCdkDefaults(outfile: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ["functions/ingest/handler.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    external: ["@aws-sdk/*", "@smithy/*"],
    plugins: [withoutPrewarm],
    logLevel: "error",
  });
}

/** Builds the files whose cold starts are compared; each exports a `handler`. */
export async function buildCold(folder: string) {
  const built = (name: string) => join(folder, name, "index.mjs");
  await mkdir(join(folder, "empty"));
  await writeFile(built("empty"), "export const handler = async () => ({ statusCode: 200 });\n");
  await bundleEntry("functions/ingest/handler.ts", join(folder, "ingest"), [withoutPrewarm]);
  await bundle("ingest", join(folder, "prewarmed"));
  await bundle("publisher", join(folder, "publisher"));
  const cdkDefault = join(folder, "cdk-default.cjs");
  await buildWithCdkDefaults(cdkDefault);
  return {
    empty: built("empty"),
    cdkDefault,
    ingest: built("ingest"),
    prewarmed: built("prewarmed"),
    publisher: built("publisher"),
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
