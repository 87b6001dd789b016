import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runCommand } from "../run/command.ts";
import { root } from "../run/paths.ts";
import { checksPrograms } from "./python.ts";
import { stages } from "./stages.ts";
import { synthesize } from "./synthesize.ts";

const cfnLint = join(await checksPrograms(), "cfn-lint");

/** Returns what cfn-lint finds in the templates. */
async function findings(templates: readonly string[]): Promise<string> {
  const { code, output } = await runCommand(cfnLint, templates);
  return code === 0 ? "" : output;
}

/** Returns what cfn-lint finds in the templates of a stage. */
async function findingsOfStage(stage: string): Promise<string> {
  const out = mkdtempSync(join(tmpdir(), "templates-"));
  try {
    return await findings(await synthesize(stage, out));
  } finally {
    rmSync(out, { recursive: true });
  }
}

function report(subject: string, found: string): void {
  console.log(`${subject}: ${found === "" ? "no findings" : found}`);
  process.exitCode = found === "" ? process.exitCode : 1;
}

for (const stage of Object.keys(stages)) {
  report(stage, await findingsOfStage(stage));
}
const example = join("examples", "without-cdk", "template.yaml");
report(example, await findings([join(root, example)]));
