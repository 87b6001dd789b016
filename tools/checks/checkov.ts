import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { readStage } from "../../lib/stage.ts";
import type { Acknowledgement } from "./acknowledgements.ts";
import { checkovAcknowledgementsOf } from "./acknowledgements-checkov.ts";
import { type Finding, findingsIn } from "./checkov-report.ts";
import { stages } from "./stages.ts";
import { synthesize } from "./synthesize.ts";

/** What Checkov finds in each stage. All of them are read at once: starting it takes longer than reading. */
async function findingsByStage(): Promise<Map<string, Finding[]>> {
  const folder = mkdtempSync(join(tmpdir(), "checkov-"));
  // Checkov counts a template's own path among a function's environment, and takes 40 letters, digits and
  // slashes in a row for a key of AWS (CKV_AWS_45). The dot keeps what is in a row short.
  const outOf = (stage: string) => join(folder, `${stage}.out`);
  try {
    const templates: string[] = [];
    for (const stage of Object.keys(stages)) {
      mkdirSync(outOf(stage));
      templates.push(...(await synthesize(stage, outOf(stage))));
    }
    const byFolder = Map.groupBy(await findingsIn(templates, folder), ({ template }) =>
      dirname(template),
    );
    return new Map(
      Object.keys(stages).map((stage) => [stage, byFolder.get(outOf(stage)) ?? []] as const),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const keyOf = ({ id, path }: Pick<Acknowledgement, "id" | "path">) => `${id} of ${path}`;

/** The acknowledgements of all stages, and those that something was found for. */
const given = new Set<string>();
const met = new Set<string>();

for (const [stage, findings] of await findingsByStage()) {
  const acknowledged = new Set(checkovAcknowledgementsOf(readStage(stage, stages)).map(keyOf));
  acknowledged.forEach((key) => given.add(key));
  const open = findings.filter((finding) => !acknowledged.has(keyOf(finding)));
  findings.forEach((finding) => met.add(keyOf(finding)));
  const lines = open.map((finding) => `\n  ${keyOf(finding)}: ${finding.name}`);
  console.log(`${stage}: ${lines.length === 0 ? "no finding" : lines.join("")}`);
  process.exitCode = lines.length === 0 ? process.exitCode : 1;
}
for (const key of given) {
  if (!met.has(key)) {
    console.error(`tools/checks/acknowledgements-checkov.ts: there is no ${key}; take it out`);
    process.exitCode = 1;
  }
}
