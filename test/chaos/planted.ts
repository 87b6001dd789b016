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
      from: "return entries.map((entry, index) => [entry, responseIn(results[index])]);",
      to: 'return entries.map((entry) => [entry, responseIn({ EventId: "unread", ...(!results && {}) })]);',
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
      file: "functions/publisher/handler.ts",
      from: "      .filter(isRetried)\n      .map(",
      to: "      .filter(isRetried)\n      .slice(-1)\n      .map(",
    },
    scenario: "bus-refuses-for-a-while",
    foundAs: ["lost", "outOfOrder"],
  },
  {
    name: "overtaken",
    title: "an agent goes on past a version that the bus has refused, and comes back to it later",
    folder: "publisher",
    change: {
      file: "functions/publisher/publish.ts",
      from: ".filter((ofAgent) => ofAgent.slice(0, 1).every(isDone))",
      to: "",
    },
    scenario: "bus-refuses-any",
    foundAs: ["outOfOrder"],
  },
  {
    name: "dead-letter-failure-ignored",
    title: "a failure of the dead-letter queue is ignored",
    folder: "publisher",
    change: {
      file: "functions/publisher/dead-letter.ts",
      from: "return { code: `DeadLetterQueue:${name}`, message, eventId: cause.eventId };",
      to: "return name && message ? undefined : cause;",
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
      from: 'throw new StoreUnavailableError("the write to DynamoDB failed", { cause: error });',
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
