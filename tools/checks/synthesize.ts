import { readdirSync } from "node:fs";
import { join } from "node:path";

import { lastLines, runCommand } from "../run/command.ts";
import { binFolder, root } from "../run/paths.ts";
import { context, stages } from "./stages.ts";

/**
 * Synthesizes a stage's stacks with the app that `cdk deploy` runs.
 *
 * @param out an existing folder.
 * @returns the paths of the templates. Their resources have the metadata that the CDK CLI adds.
 * @throws Error with the app's output if it fails.
 */
export async function synthesize(stage: string, out: string): Promise<string[]> {
  const { code, output } = await runCommand(
    join(binFolder, "node"),
    ["bin/agent-availability.ts"],
    {
      cwd: root,
      env: {
        PATH: `${binFolder}:${process.env["PATH"] ?? ""}`,
        NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
        CDK_VALIDATION: process.env["CDK_VALIDATION"],
        CDK_OUTDIR: out,
        CDK_CONTEXT_JSON: JSON.stringify({
          ...context,
          "aws:cdk:enable-path-metadata": true,
          stage,
          stages,
        }),
      },
    },
  );
  if (code !== 0) {
    throw new Error(`stage ${stage} could not be synthesized:\n${lastLines(output)}`);
  }
  const templates = readdirSync(out).filter((name) => name.endsWith(".template.json"));
  return templates.map((name) => join(out, name));
}
