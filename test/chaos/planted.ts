import { bundled, type Change } from "./changed-code.ts";
import type { Stand } from "./stand.ts";
import type { Findings } from "./verifier/evidence.ts";

/** A defect that somebody could make, and that the fire test has to find. */
export interface PlantedDefect {
  readonly name: string;
  /** In words, for the table. */
  readonly title: string;
  readonly folder: "ingest" | "publisher";
  readonly change: Change;
  /** In which scenario it must be found, which passes without it. */
  readonly scenario: string;
  /** What it must be found as. Anything else may be a slow machine's. */
  readonly foundAs: readonly (keyof Findings)[];
}

/** Defects that are planted into the deployed functions, one at a time, by `--planted`. */
export const plantedDefects: readonly PlantedDefect[] = [
  {
    name: "answer-ignored",
    title: "the answer of PutEvents is ignored: what the bus refused counts as accepted",
    folder: "publisher",
    change: {
      file: "functions/bus/event-bus.ts",
      from: "return entries.map((_, index) => answerIn(answers[index]));",
      to: 'return entries.map(() => answerIn({ EventId: "unread", ...(!answers && {}) }));',
    },
    scenario: "bus-refuses-for-a-while",
    foundAs: ["lost"],
  },
  {
    name: "equal-applied",
    title: "the write's condition says <= for <: a repeat is applied again",
    folder: "ingest",
    change: {
      file: "functions/store/write.ts",
      from: "AND #contentHash < :contentHash)",
      to: "AND #contentHash <= :contentHash)",
    },
    scenario: "table-answer-lost",
    foundAs: ["olderOnTop"],
  },
  {
    name: "confirmed-past-failure",
    title:
      "only the last failed record of a batch is reported, so that what failed before it counts as done",
    folder: "publisher",
    change: {
      file: "functions/publisher/publish.ts",
      from: "failures: left.map(({ record })",
      to: "failures: left.slice(-1).map(({ record })",
    },
    scenario: "bus-refuses-for-a-while",
    foundAs: ["lost", "outOfOrder"],
  },
  {
    name: "overtaken",
    title: "an agent goes on past a version that the bus has refused, and comes back to it later",
    folder: "publisher",
    change: {
      file: "functions/publisher/agent-queue.ts",
      from: "queue.isStopped = true;",
      to: "queue.works = [...queue.works.slice(1), ...queue.works.slice(0, 1)];",
    },
    scenario: "bus-refuses-any",
    foundAs: ["outOfOrder"],
  },
  {
    name: "set-aside-unheard",
    title: "a set-aside queue that is down goes unheard",
    folder: "publisher",
    change: {
      file: "functions/publisher/set-aside.ts",
      from: "return `SetAside:${error instanceof Error ? error.name : String(error)}`;",
      to: "return error instanceof TypeError ? error.name : undefined;",
    },
    scenario: "queue-down-too",
    foundAs: ["lost"],
  },
  {
    name: "acknowledged-unwritten",
    title: "a change is answered 200 although the table did not take it",
    folder: "ingest",
    change: {
      file: "functions/store/agent-store.ts",
      from: 'throw new StoreUnavailableError("DynamoDB did not take the write", { cause: error });',
      to: 'return { kind: "stale", version: 1 };',
    },
    scenario: "table-failing",
    foundAs: ["lost"],
  },
];

/** Deploys a function with a defect in it, lets it be used, and deploys it whole again. */
export async function withDefect<Result>(
  stand: Stand,
  { folder, change }: PlantedDefect,
  use: () => Promise<Result>,
): Promise<Result> {
  await stand[folder].replaceCode(await bundled(folder, [change]));
  try {
    return await use();
  } finally {
    await stand[folder].replaceCode(await bundled(folder, []));
  }
}
