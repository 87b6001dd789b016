import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build, type Metafile, type Plugin } from "esbuild";
import * as z from "zod";

import { buildPage } from "../board/build.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const replacement = (name: string) => join(root, "lib", "lambda-runtime", `${name}.ts`);

/**
 * Bundles a function: `functions/{folder}/handler.ts` becomes `index.mjs`. Modules that are imported on
 * demand become separate files beside it. The board's page is in the folder `page` beside it.
 *
 * @returns esbuild's metafile, which lists the sources of each file.
 */
export async function bundle(folder: string, outdir: string): Promise<Metafile> {
  const metafile = await bundleEntry(join("functions", folder, "handler.ts"), outdir);
  if (folder === "board") {
    await writePage(join(outdir, "page"));
  }
  return metafile;
}

/** Writes the files that the board serves. */
async function writePage(folder: string): Promise<void> {
  mkdirSync(folder);
  for (const [name, content] of await buildPage()) {
    writeFileSync(join(folder, name), content);
  }
}

/**
 * Bundles any entry point in the same way, so that benchmarks measure what is deployed. What each option and
 * replacement saves is in docs/decisions/0004.
 */
export async function bundleEntry(
  entry: string,
  outdir: string,
  plugins: readonly Plugin[] = [],
): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { index: entry },
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    minify: true,
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    alias: {
      "@aws-sdk/credential-provider-node": replacement("env-credentials"),
      "@aws-sdk/signature-v4-multi-region": replacement("no-multi-region"),
      "node:http": replacement("builtin-http"),
      "node:process": replacement("builtin-process"),
    },
    plugins: [packageVersions, nativeHashes, lambdaConfiguration, ...plugins],
    metafile: true,
    logLevel: "error",
  });
  return metafile;
}

/**
 * Bundles a function in a separate process, for constructs, which cannot wait for a promise.
 *
 * @returns a folder with the bundle. It is deleted when this process exits; by then the CDK has copied it.
 */
export function bundleSync(folder: string): string {
  const outdir = mkdtempSync(join(tmpdir(), `${folder}-`));
  process.once("exit", () => {
    rmSync(outdir, { recursive: true, force: true });
  });
  execFileSync(process.execPath, [fileURLToPath(import.meta.url), folder, outdir], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return outdir;
}

const packageSchema = z.object({ version: z.string() });

/** Reduces each SDK client's package.json to the version, the only field that the client reads. */
const packageVersions: Plugin = {
  name: "package-versions",
  setup(esbuild) {
    esbuild.onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, ({ path }) => ({
      contents: JSON.stringify(packageSchema.parse(JSON.parse(readFileSync(path, "utf8")))),
      loader: "json",
    }));
  },
};

/** Removes hash functions in JavaScript, which the SDK uses only where node:crypto is missing. */
const nativeHashes: Plugin = {
  name: "native-hashes",
  setup(esbuild) {
    esbuild.onLoad({ filter: /[\\/](?:Sha256Js|Md5Js)\.js$/ }, () => ({
      contents: "export class Sha256Js {}\nexport class Md5Js {}",
    }));
  },
};

/** Removes adaptive retries, which no function uses, and the request to EC2 for the region: Lambda sets AWS_REGION. */
const lambdaConfiguration: Plugin = {
  name: "lambda-configuration",
  setup(esbuild) {
    esbuild.onLoad({ filter: /[\\/](?:AdaptiveRetryStrategy|DefaultRateLimiter)\.js$/ }, () => ({
      contents: "export class AdaptiveRetryStrategy {}\nexport class DefaultRateLimiter {}",
    }));
    esbuild.onLoad({ filter: /[\\/]getInstanceMetadataRegion\.js$/ }, () => ({
      contents: "export const getInstanceMetadataRegion = async () => undefined;",
    }));
  },
};

if (import.meta.main) {
  const [folder = "", outdir = ""] = process.argv.slice(2);
  await bundle(folder, outdir);
}
