import { readdirSync } from "node:fs";
import { join } from "node:path";

import { lastLines, runCommand } from "../run/command.ts";
import { binFolder, root } from "../run/paths.ts";
import { context, stages } from "./stages.ts";

/**
 * Synthesizes a stage's stacks with the app that `cdk deploy` runs.
 *
 * @param out a folder that is there.
 * @returns the paths of the templates, which name each resource's construct as those of the CDK CLI do.
 * @throws Error with what the app said, when it does not synthesize.
 */
export async function synthesize(stage: string, out: string): Promise<string[]> {
  const { code, output } = await runCommand(
    join(binFolder, "node"),
    ["bin/agent-availability.ts"],
    {
      cwd: root,
      env: {
        PATH: `${binFolder}:${process.env["PATH"] ?? ""}`,
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
    throw new Error(`stage ${stage} does not synthesize:\n${lastLines(output)}`);
  }
  const templates = readdirSync(out).filter((name) => name.endsWith(".template.json"));
  return templates.map((name) => join(out, name));
}
