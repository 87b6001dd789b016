import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lastLines, runCommand } from "../local/command.ts";
import { binFolder, root } from "../local/paths.ts";
import { checksPrograms } from "./python.ts";
import { context, stages } from "./stages.ts";

const cfnLint = join(await checksPrograms(), "cfn-lint");

/** Synthesizes a stage and lets cfn-lint read what came out. @returns what is wrong. */
async function problemsOf(stage: string): Promise<string> {
  const out = mkdtempSync(join(tmpdir(), "templates-"));
  try {
    const synth = await runCommand(join(binFolder, "node"), ["bin/agent-availability.ts"], {
      cwd: root,
      env: {
        PATH: `${binFolder}:${process.env["PATH"] ?? ""}`,
        CDK_OUTDIR: out,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage, stages }),
      },
    });
    if (synth.code !== 0) {
      return lastLines(synth.output);
    }
    const templates = readdirSync(out).filter((name) => name.endsWith(".template.json"));
    const { code, output } = await runCommand(
      cfnLint,
      templates.map((name) => join(out, name)),
    );
    return code === 0 ? "" : output;
  } finally {
    rmSync(out, { recursive: true });
  }
}

for (const stage of Object.keys(stages)) {
  const problems = await problemsOf(stage);
  console.log(`${stage}: ${problems === "" ? "no finding" : problems}`);
  process.exitCode = problems === "" ? process.exitCode : 1;
}
