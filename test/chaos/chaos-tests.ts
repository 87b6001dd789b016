import { join } from "node:path";

import { runProgram } from "../../tools/run/local-error.ts";
import { localFolder } from "../../tools/run/paths.ts";
import { createEndSignal } from "../../tools/run/signals.ts";
import { startEnvironment } from "./environment.ts";
import { type Options, parseOptions, selectByName } from "./chaos-options.ts";
import { formatFailures, formatLoad, formatOutcomes } from "./outcome-report.ts";
import { isPassed, type Outcome } from "./outcome.ts";
import { type PlantedFault, plantedFaults, withPlantedFault } from "./planted-faults.ts";
import { replaceSection } from "./replace-section.ts";
import { type RunOptions, runScenario } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios/all-scenarios.ts";
import { burstScenarios } from "./scenarios/burst.ts";
import type { Environment } from "./environment.ts";

/** With a planted fault, the hub never recovers: a short timeout is enough. */
const PLANTED_RECOVERY_TIMEOUT_MS = 12_000;

function selectScenarios({ short, burst, only }: Options): readonly Scenario[] {
  if (burst) {
    return burstScenarios;
  }
  const selected = only.length > 0 ? selectByName("scenario", scenarios, only) : scenarios;
  return short ? selected.filter((scenario) => scenario.short === true) : selected;
}

function selectPlantedFaults({ planted }: Options): readonly PlantedFault[] {
  return planted.includes("all")
    ? plantedFaults
    : selectByName("planted fault", plantedFaults, planted);
}

function printOutcome(outcome: Outcome): void {
  const { scenario, requests, recoverySeconds, load, notes } = outcome;
  const sending = (load.sending / 1000).toFixed(1);
  console.log(
    `${isPassed(outcome) ? "ok    " : "FAILED"} ${scenario.name}: ${requests} requests in ${sending} s, recovered after ${recoverySeconds.toFixed(1)} s`,
  );
  for (const line of [...notes, ...formatFailures(outcome)]) {
    console.log(`         ${line}`);
  }
}

async function runScenarios(
  selectedScenarios: readonly Scenario[],
  environment: Environment,
  options: RunOptions,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const scenario of selectedScenarios) {
    const outcome = await runScenario(scenario, environment, options);
    outcomes.push(outcome);
    printOutcome(outcome);
  }
  return outcomes;
}

/** Prints the results, and writes them to the page if `--record` is given. */
function report(outcomes: readonly Outcome[], { burst, record, seed }: Options): void {
  const tables = burst
    ? `${formatOutcomes(outcomes)}\n\n${formatLoad(outcomes)}`
    : formatOutcomes(outcomes);
  console.log(`\n${tables}\n`);
  if (record) {
    const page = burst ? "docs/evidence/scale.md" : "docs/evidence/reliability.md";
    const day = new Date().toISOString().slice(0, 10);
    replaceSection(page, "last run", `${day}, seed ${seed}:\n\n${tables}`);
  }
}

/** Names the run of a scenario that must pass before the fault is planted. */
const controlName = ({ name }: PlantedFault): string => `${name}, not planted`;

function scenarioOf({ scenario: name }: PlantedFault): Scenario {
  const [scenario] = selectByName("scenario", scenarios, [name]);
  if (scenario === undefined) {
    throw new Error(`scenario ${name} does not exist`);
  }
  return scenario;
}

/** Returns whether a scenario passes without a planted fault and detects it once it is planted. */
async function isDetected(
  fault: PlantedFault,
  environment: Environment,
  options: RunOptions,
): Promise<boolean> {
  const scenario = scenarioOf(fault);
  const control = await runScenario(
    { ...scenario, name: controlName(fault) },
    environment,
    options,
  );
  const planted = await withPlantedFault(
    environment,
    fault,
    async () =>
      await runScenario({ ...scenario, name: fault.name }, environment, {
        ...options,
        recoveryTimeoutMs: PLANTED_RECOVERY_TIMEOUT_MS,
      }),
  );
  const detected =
    isPassed(control) && fault.detectedAs.every((kind) => planted.verification[kind].length > 0);
  const result = detected ? "detected" : `NOT DETECTED as ${fault.detectedAs.join(" and ")}`;
  console.log(`\n${result}: ${fault.title}`);
  for (const line of [
    ...formatFailures(control).map((each) => `not planted: ${each}`),
    ...formatFailures(planted),
  ]) {
    console.log(`  ${line}`);
  }
  return detected;
}

async function areAllDetected(
  faults: readonly PlantedFault[],
  environment: Environment,
  options: RunOptions,
): Promise<boolean> {
  const results: boolean[] = [];
  for (const fault of faults) {
    results.push(await isDetected(fault, environment, options));
  }
  return results.every(Boolean);
}

await runProgram(async () => {
  const options = parseOptions();
  const { seed } = options;
  const signal = createEndSignal();
  const faults = selectPlantedFaults(options);
  const selectedScenarios = selectScenarios(options);
  const started = Date.now();
  console.log(`Seed ${seed}`);
  const environment = await startEnvironment({
    accounts:
      faults.length > 0
        ? faults.flatMap((fault) => [
            { ...scenarioOf(fault), name: controlName(fault) },
            { ...scenarioOf(fault), name: fault.name },
          ])
        : selectedScenarios,
    logFile: join(localFolder, "chaos.log"),
    onStep: console.log,
    signal,
  });
  try {
    let passed: boolean;
    if (faults.length > 0) {
      passed = await areAllDetected(faults, environment, { seed, signal });
    } else {
      const outcomes = await runScenarios(selectedScenarios, environment, { seed, signal });
      report(outcomes, options);
      passed = outcomes.every(isPassed);
    }
    console.log(`Completed in ${((Date.now() - started) / 1000).toFixed(0)} s, seed ${seed}`);
    return passed ? 0 : 1;
  } finally {
    await environment.stop();
  }
});
