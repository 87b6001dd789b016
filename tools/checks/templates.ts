import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runCommand } from "../run/command.ts";
import { checksPrograms } from "./python.ts";
import { stages } from "./stages.ts";
import { synthesize } from "./synthesize.ts";

const cfnLint = join(await checksPrograms(), "cfn-lint");

/** Synthesizes a stage and lets cfn-lint read what came out. @returns what is wrong. */
async function problemsOf(stage: string): Promise<string> {
  const out = mkdtempSync(join(tmpdir(), "templates-"));
  try {
    const { code, output } = await runCommand(cfnLint, await synthesize(stage, out));
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
