import type { Environment } from "./environment.ts";
import { bundleModified, type Edit } from "./modified-code.ts";
import type { Violations } from "./verifier/evidence.ts";

/** A plausible mistake in a function's code, which the chaos tests must detect. */
export interface PlantedFault {
  readonly name: string;
  /** Description for the report and `docs/evidence/reliability.md`. */
  readonly title: string;
  readonly folder: "ingest" | "publisher" | "reconcile" | "history";
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
      from: "return entries.map((entry, index) => [entry, readResponse(results[index])]);",
      to: 'return entries.map((entry) => [entry, readResponse({ EventId: "unread", ...(!results && {}) })]);',
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
  {
    name: "snapshot-ignored",
    title: "an event overwrites values from a newer snapshot of Freshdesk",
    folder: "ingest",
    edit: {
      file: "functions/store/write.ts",
      from: "OR #${reconciledAt} < :updatedSecond)",
      to: "OR #${reconciledAt} <> :updatedSecond)",
    },
    scenario: "reconcile-lost-events",
    detectedAs: ["lost", "regressed"],
  },
  {
    name: "address-before-user-id",
    title: "an item with a user ID is also found by its email address",
    folder: "reconcile",
    edit: {
      file: "functions/availability/reconcile-join.ts",
      from: "byUserId.get(undefined) ?? [], ",
      to: "items.filter(isLiveAvailabilityItem), ",
    },
    scenario: "reconcile-people",
    detectedAs: ["lost"],
  },
  {
    name: "removal-not-confirmed",
    title: "an agent who is missing from the list is removed without a second request",
    folder: "reconcile",
    edit: {
      file: "functions/reconcile/confirm-removals.ts",
      from: "    if (gone) {",
      to: "    if (gone || candidate.items.length > 0) {",
    },
    scenario: "reconcile-freshdesk-faults",
    detectedAs: ["lost"],
  },
  {
    name: "lock-never-expires",
    title: "a sweep that was killed blocks the account's sweeps forever",
    folder: "reconcile",
    edit: {
      file: "functions/reconcile/sweep-state.ts",
      from: "OR #runningUntil < :now",
      to: "OR #owner = :now",
    },
    scenario: "reconcile-interrupted",
    detectedAs: ["lost"],
  },
  {
    name: "history-failures-ignored",
    title: "the history reports changes as stored that DynamoDB did not accept",
    folder: "history",
    edit: {
      file: "functions/history/handler.ts",
      from: "batchItemFailures: failedFrom === undefined ? [] : [{ itemIdentifier: failedFrom }],",
      to: "batchItemFailures: [],",
    },
    scenario: "history-failing",
    detectedAs: ["lost"],
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
