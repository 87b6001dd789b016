import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { build, type Plugin } from "esbuild";
import * as z from "zod";

import { runCommand } from "../run/command.ts";
import { localFolder, root } from "../run/paths.ts";

const packageSchema = z.object({ exports: z.record(z.string(), z.unknown()) });

/** Resolves the exports of this package to their source instead of an earlier build. */
export const fromSource: Plugin = {
  name: "from-source",
  setup(esbuild) {
    const { exports } = packageSchema.parse(
      JSON.parse(readFileSync(join(root, "package.json"), "utf8")),
    );
    esbuild.onResolve({ filter: /^agent-availability-hub\// }, ({ path }) => {
      const built = z.string().parse(exports[path.replace("agent-availability-hub", ".")]);
      return { path: join(root, built.replace("./dist/", "").replace(/\.js$/, ".ts")) };
    });
  },
};

/** Synthesizes every stack of examples/phone-coverage into a folder. @returns the paths of the templates. */
export async function synthesizePhoneCoverage(out: string): Promise<string[]> {
  // Within this checkout, so that Node finds the CDK.
  const folder = mkdtempSync(join(localFolder, "phone-coverage-"));
  const outfile = join(folder, "app.mjs");
  try {
    await build({
      entryPoints: [join(root, "examples", "phone-coverage", "app.ts")],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["aws-cdk-lib", "aws-cdk-lib/*", "constructs"],
      plugins: [fromSource],
    });
    const context = { slackChannel: "C0123456789", teamsWebhook: "https://example.com/workflow" };
    const { code, output } = await runCommand(process.execPath, [outfile], {
      env: { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify(context) },
    });
    if (code !== 0) {
      throw new Error(`synthesizing examples/phone-coverage failed: ${output}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return readdirSync(out)
    .filter((name) => name.endsWith(".template.json"))
    .map((name) => join(out, name));
}
