import { join } from "node:path";
import { parseArgs } from "node:util";

import { plantedDefects, type PlantedDefect, withDefect } from "./planted.ts";
import { record } from "./record.ts";
import { complaintsOf, loadTableOf, tableOf } from "./report.ts";
import { isPassed, type Outcome, runScenario, type Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios/all.ts";
import { burstScenarios } from "./scenarios/burst.ts";
import { type Stand, startStand } from "./stand.ts";
import { LocalError, runProgram } from "../../tools/run/local-error.ts";
import { localFolder } from "../../tools/run/paths.ts";
import { endRequested } from "../../tools/run/signals.ts";

const USAGE = `npm run test:fire -- [--short] [--only SCENARIO]... [--seed NUMBER] [--record]
npm run test:fire -- --burst [--seed NUMBER] [--record]
npm run test:fire -- --planted DEFECT|all

  breaks what the deployed system calls while random histories go in, and judges what is left

  --short    a few telling scenarios
  --only     this scenario; may be given again
  --seed     the histories of an earlier run
  --burst    nothing breaks, but much comes at once; takes minutes
  --record   writes what came of it into docs/evidence/reliability.md, or docs/evidence/scale.md for a burst
  --planted  plants a defect, and succeeds only if it is found`;

interface Arguments {
  readonly short: boolean;
  readonly burst: boolean;
  readonly record: boolean;
  readonly only: readonly string[];
  readonly planted: readonly string[];
  readonly seed: number;
}

const MOST_SEED = 2 ** 31;

function readArguments(): Arguments {
  try {
    const { values } = parseArgs({
      options: {
        short: { type: "boolean", default: false },
        burst: { type: "boolean", default: false },
        record: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
        planted: { type: "string", multiple: true, default: [] },
        seed: { type: "string", default: String(Math.floor(Math.random() * MOST_SEED)) },
      },
    });
    const seed = Number(values.seed);
    if (!Number.isInteger(seed) || seed < 0 || seed >= MOST_SEED) {
      throw new Error(
        `--seed is ${values.seed}; a whole number from 0 to ${MOST_SEED - 1} is allowed`,
      );
    }
    return { ...values, seed };
  } catch (error) {
    throw new LocalError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

/** Those of a list that have one of these names. */
function named<Value extends { readonly name: string }>(
  kind: string,
  values: readonly Value[],
  names: readonly string[],
): Value[] {
  const unknown = names.filter((name) => !values.some((value) => value.name === name));
  if (unknown.length > 0) {
    const known = values.map(({ name }) => name).join(", ");
    throw new LocalError(`There is no ${kind} ${unknown.join(", ")}. Allowed are: ${known}.`);
  }
  return values.filter(({ name }) => names.includes(name));
}

function chosenScenarios({ short, burst, only }: Arguments): readonly Scenario[] {
  if (burst) {
    return burstScenarios;
  }
  const wanted = only.length > 0 ? named("scenario", scenarios, only) : scenarios;
  return short ? wanted.filter((scenario) => scenario.short === true) : wanted;
}

function tell(name: string, isGood: boolean, outcome: Outcome): void {
  const { sent, seconds, load } = outcome;
  const words = `${sent} requests in ${(load.sending / 1000).toFixed(1)} s, whole after ${seconds.toFixed(1)} s`;
  console.log(`${isGood ? "ok    " : "FAILED"} ${name}: ${words}`);
  for (const line of [...outcome.notes, ...complaintsOf(outcome)]) {
    console.log(`         ${line}`);
  }
}

interface Surroundings {
  readonly stand: Stand;
  readonly seed: number;
  readonly signal: AbortSignal;
}

async function runScenarios(
  chosen: readonly Scenario[],
  { stand, seed, signal }: Surroundings,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const scenario of chosen) {
    const outcome = await runScenario(scenario, stand, { seed, signal });
    outcomes.push(outcome);
    tell(scenario.name, isPassed(outcome), outcome);
  }
  return outcomes;
}

/** Shows what came of the scenarios, and keeps it where that is asked for. */
function report(outcomes: readonly Outcome[], given: Arguments): boolean {
  const table = given.burst
    ? `${tableOf(outcomes)}\n\n${loadTableOf(outcomes)}`
    : tableOf(outcomes);
  console.log(`\n${table}\n`);
  if (given.record) {
    const document = given.burst ? "docs/evidence/scale.md" : "docs/evidence/reliability.md";
    const day = new Date().toISOString().slice(0, 10);
    record(document, "last run", `${day}, seed ${given.seed}:\n\n${table}`);
  }
  return outcomes.every(isPassed);
}

/** What a defect spoils stays spoiled: there is nothing to wait for. */
const PLANTED_MS = 12_000;

/** The scenario that has to find a defect is run without it too: what it finds then says nothing. */
const controlOf = ({ name }: PlantedDefect): string => `${name}, not planted`;

async function isFoundIn(
  defect: PlantedDefect,
  { stand, seed, signal }: Surroundings,
): Promise<boolean> {
  const [scenario] = named("scenario", scenarios, [defect.scenario]);
  if (scenario === undefined) {
    return false;
  }
  const run = async (name: string) =>
    await runScenario({ ...scenario, name }, stand, { seed, signal, wholeMs: PLANTED_MS });
  const control = await run(controlOf(defect));
  const planted = await withDefect(stand, defect, async () => await run(defect.name));
  const isFound =
    isPassed(control) && defect.foundAs.every((kind) => planted.verdict[kind].length > 0);
  console.log(
    `\n${isFound ? "found" : `NOT FOUND as ${defect.foundAs.join(" and ")}`}: ${defect.title}`,
  );
  const lines = [
    ...complaintsOf(control).map((each) => `not planted: ${each}`),
    ...complaintsOf(planted),
  ];
  console.log(lines.map((each) => `  ${each}`).join("\n"));
  return isFound;
}

async function runPlanted(
  defects: readonly PlantedDefect[],
  surroundings: Surroundings,
): Promise<boolean> {
  const found: boolean[] = [];
  for (const defect of defects) {
    found.push(await isFoundIn(defect, surroundings));
  }
  return found.every(Boolean);
}

await runProgram(async () => {
  const given = readArguments();
  const signal = endRequested();
  const isAll = given.planted.includes("all");
  const defects = isAll ? plantedDefects : named("defect", plantedDefects, given.planted);
  const chosen = chosenScenarios(given);
  const started = Date.now();
  console.log(`seed ${given.seed}`);
  const stand = await startStand({
    accounts:
      defects.length > 0
        ? defects.flatMap((defect) => [controlOf(defect), defect.name])
        : chosen.map(({ name }) => name),
    logFile: join(localFolder, "fire.log"),
    onStep: console.log,
    signal,
  });
  try {
    const surroundings = { stand, seed: given.seed, signal };
    const isGood = await (defects.length > 0
      ? runPlanted(defects, surroundings)
      : report(await runScenarios(chosen, surroundings), given));
    console.log(`${((Date.now() - started) / 1000).toFixed(0)} s in all, seed ${given.seed}`);
    return isGood ? 0 : 1;
  } finally {
    await stand.stop();
  }
});
