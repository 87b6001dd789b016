import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runCommand } from "../run/command.ts";
import { root } from "../run/paths.ts";
import { checksPrograms } from "./python.ts";
import { equalStages } from "./stages.ts";
import { synthesizePhoneCoverage } from "./synthesize-example.ts";
import { synthesize } from "./synthesize.ts";

const cfnLint = join(await checksPrograms(), "cfn-lint");

/** Returns the findings of cfn-lint in the templates. */
async function findings(templates: readonly string[]): Promise<string> {
  const { code, output } = await runCommand(cfnLint, templates);
  return code === 0 ? "" : output;
}

/** Returns the findings of cfn-lint in the templates that a function synthesizes into a folder. */
async function findingsOf(synthesizeInto: (out: string) => Promise<string[]>): Promise<string> {
  const out = mkdtempSync(join(tmpdir(), "templates-"));
  try {
    return await findings(await synthesizeInto(out));
  } finally {
    rmSync(out, { recursive: true });
  }
}

async function report(subject: string, finding: Promise<string>): Promise<void> {
  const found = await finding;
  console.log(`${subject}: ${found === "" ? "no findings" : found}`);
  process.exitCode = found === "" ? process.exitCode : 1;
}

const example = join("examples", "without-cdk", "template.yaml");
// Each stage takes half a minute of CPU time, so all are checked at the same time.
await Promise.all([
  ...equalStages.map(async ([stage, ...others]) => {
    const found = findingsOf(async (out) => await synthesize(stage, out));
    await report([stage, ...others].join(", "), found);
  }),
  report(example, findings([join(root, example)])),
  report(join("examples", "phone-coverage"), findingsOf(synthesizePhoneCoverage)),
]);
