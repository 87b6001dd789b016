import type { Environment } from "./environment.ts";
import { bundleModified, type Edit } from "./modified-code.ts";
import type { Violations } from "./verifier/evidence.ts";

/** A plausible mistake in a function's code, which the chaos tests must detect. */
export interface PlantedFault {
  readonly name: string;
  /** Description for the report and `docs/evidence/reliability.md`. */
  readonly title: string;
  readonly folder: "ingest" | "publisher";
  readonly edit: Edit;
  /** The scenario that must detect it, and that passes without it. */
  readonly scenario: string;
  /** The violations that must be found. Others may be caused by a slow machine. */
  readonly detectedAs: readonly (keyof Violations)[];
}

/** The faults of `--planted`, one for each kind of violation that a mistake can cause. */
export const plantedFaults: readonly PlantedFault[] = [
  {
    name: "rejected-entries-ignored",
    title: "the response of PutEvents is ignored, so that rejected entries count as published",
    folder: "publisher",
    edit: {
      file: "functions/bus/event-bus.ts",
      from: "return entries.map((entry, index) => [entry, responseIn(results[index])]);",
      to: 'return entries.map((entry) => [entry, responseIn({ EventId: "unread", ...(!results && {}) })]);',
    },
    scenario: "bus-rejects-some-entries",
    detectedAs: ["lost"],
  },
  {
    name: "duplicate-applied",
    title: "the write's condition uses <= instead of <, so that a repeated event is applied again",
    folder: "ingest",
    edit: {
      file: "functions/store/write.ts",
      from: "AND #contentHash < :contentHash)",
      to: "AND #contentHash <= :contentHash)",
    },
    scenario: "table-response-lost",
    detectedAs: ["regressed"],
  },
  {
    name: "failed-version-overtaken",
    title: "later versions of an agent are published although an earlier one was rejected",
    folder: "publisher",
    edit: {
      file: "functions/publisher/publish.ts",
      from: ".filter((ofAgent) => ofAgent.slice(0, 1).every(isDone))",
      to: "",
    },
    scenario: "bus-rejects-any-entries",
    detectedAs: ["outOfOrder"],
  },
];

/** Deploys a function with a planted fault, runs `use`, and restores the function. */
export async function withPlantedFault<Result>(
  environment: Environment,
  { folder, edit }: PlantedFault,
  use: () => Promise<Result>,
): Promise<Result> {
  await environment[folder].replaceCode(await bundleModified(folder, [edit]));
  try {
    return await use();
  } finally {
    await environment[folder].replaceCode(await bundleModified(folder, []));
  }
}
