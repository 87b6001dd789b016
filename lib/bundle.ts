import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build, type Metafile, type Plugin } from "esbuild";
import * as z from "zod";

const root = fileURLToPath(new URL("..", import.meta.url));
const standIn = (name: string) => join(root, "lib", "lambda-runtime", `${name}.ts`);

const aboutSchema = z.object({ version: z.string() });

/** What no Lambda function of ours can ever reach, replaced by less. */
const withoutUnreachable: Plugin = {
  name: "without-unreachable",
  setup(esbuild) {
    // An SDK client reads nothing of its package.json but the version that it tells AWS.
    esbuild.onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, ({ path }) => ({
      contents: JSON.stringify(aboutSchema.parse(JSON.parse(readFileSync(path, "utf8")))),
      loader: "json",
    }));
    // SHA-256 and MD5 in JavaScript, for engines without node:crypto, and the parser of browsers' names.
    esbuild.onLoad({ filter: /[\\/](?:Sha256Js|Md5Js|bowser[\\/].*)\.js$/ }, () => ({
      contents: "export class Sha256Js {}\nexport class Md5Js {}",
    }));
  },
};

/**
 * Bundles a function: `functions/{folder}/handler.ts` becomes `index.mjs`, with what is only loaded when
 * it is needed in files beside it.
 */
export async function bundle(folder: string, outdir: string): Promise<Metafile> {
  return await bundleEntry(join("functions", folder, "handler.ts"), outdir);
}

/**
 * The same for any entry, with what else is to be replaced: what is measured is made as functions are.
 *
 * Each option has its reason in the measured cost of a cold start: see docs/decisions/0004.
 */
export async function bundleEntry(
  entry: string,
  outdir: string,
  replacing: readonly Plugin[] = [],
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
      "@aws-sdk/credential-provider-node": standIn("env-credentials"),
      "@aws-sdk/signature-v4-multi-region": standIn("no-multi-region"),
      "node:http": standIn("builtin-http"),
      "node:process": standIn("builtin-process"),
    },
    plugins: [withoutUnreachable, ...replacing],
    metafile: true,
    logLevel: "error",
  });
  return metafile;
}

/**
 * The same for a construct, which cannot wait: in a process of its own.
 *
 * @returns the folder that holds the bundle.
 */
export function bundleSync(folder: string): string {
  const outdir = mkdtempSync(join(tmpdir(), `${folder}-`));
  // CDK takes its copy while the construct is made.
  process.once("exit", () => {
    rmSync(outdir, { recursive: true, force: true });
  });
  execFileSync(process.execPath, [fileURLToPath(import.meta.url), folder, outdir], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return outdir;
}

if (import.meta.main) {
  const [folder = "", outdir = ""] = process.argv.slice(2);
  await bundle(folder, outdir);
}
