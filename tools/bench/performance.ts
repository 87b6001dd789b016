import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { formatTable } from "../../commands/shared/table.ts";
import { localFolder } from "../run/paths.ts";
import { KEY } from "../fakes/request.ts";
import { buildCold, buildWarm } from "./performance/builds.ts";
import { compareCold } from "./performance/cold.ts";
import { findingsOf, INGEST_MB, type Measured, rowOf } from "./performance/goals.ts";
import { createCertificate, type Inputs, writeInputs } from "./performance/inputs.ts";
import { runWarm, type Stub, startStub } from "./performance/measure.ts";
import { lowerQuartile } from "./performance/statistics.ts";
import { measureThrottled, type Throttled } from "./performance/throttled.ts";

const USAGE =
  "Usage: npm run bench -- [--rounds N], N from 3 to 100 (default 15, which takes some minutes)";

const BUS_LATENCY_MS = 15;

/** Typical latency of DynamoDB and Secrets Manager. */
const TABLE_LATENCY_MS = 5;

function roundsIn(args: readonly string[]): number {
  const options = { rounds: { type: "string", default: "15" } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, strict: false });
  const isKnown = positionals.length === 0 && Object.keys(values).every((name) => name in options);
  const text = typeof values.rounds === "string" ? values.rounds : "";
  const rounds = isKnown && /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return rounds >= 3 && rounds <= 100 ? rounds : Number.NaN;
}

/** Control groups need Linux and root. Without them, one row is missing from the report. */
async function measureThrottledIfPossible(
  file: string,
  inputs: Inputs,
  rounds: number,
  stub: Stub,
): Promise<Throttled | undefined> {
  try {
    return await measureThrottled({ file, memoryMb: INGEST_MB }, inputs, rounds, stub);
  } catch (error) {
    console.error(`Skipped the simulation of ${INGEST_MB} MB: ${String(error)}`);
    return undefined;
  }
}

async function measure(folder: string, rounds: number): Promise<Measured> {
  const pem = createCertificate(folder);
  const inputs = writeInputs(folder);
  const { sizes, ...cold } = await buildCold(folder);
  const { ingest, publisher } = await buildWarm(folder);
  const stub = await startStub(pem, KEY);
  const slow = await startStub(pem, KEY, BUS_LATENCY_MS);
  const table = await startStub(pem, KEY, TABLE_LATENCY_MS);
  try {
    return {
      sizes,
      cold: await compareCold(cold, inputs, rounds, stub),
      warm: await runWarm(ingest, rounds, inputs.request(), stub),
      tenRecords: await runWarm(publisher, rounds, inputs.tenRecords, stub),
      hundredRecords: await runWarm(publisher, rounds, inputs.hundredRecords, stub),
      slowBus: await runWarm(publisher, rounds, inputs.hundredRecords, slow),
      throttled: await measureThrottledIfPossible(cold.prewarmed, inputs, rounds, table),
    };
  } finally {
    stub.process.disconnect();
    slow.process.disconnect();
    table.process.disconnect();
  }
}

const milliseconds = (value: number) => value.toFixed(1);

function printReport(measured: Measured): void {
  const { cold, warm, tenRecords, hundredRecords, throttled } = measured;
  const starts = Object.entries(cold).map(([name, { boot, init, first }]) => [
    name,
    milliseconds(boot),
    milliseconds(init),
    milliseconds(first),
    milliseconds(boot + init + first),
  ]);
  const calls = Object.entries({ warm, tenRecords, hundredRecords }).flatMap(([run, turns]) =>
    Object.entries(turns).map(([name, each]) => [
      run,
      name,
      lowerQuartile(each.map(({ cpu }) => cpu)).toFixed(0),
    ]),
  );
  const rows = findingsOf(measured).map(rowOf);
  console.log(
    formatTable(["cold start, CPU ms", "boot", "init", "first call", "total"], starts).join("\n"),
  );
  console.log(
    `\n${formatTable(["warm", "variant", "CPU microseconds per call"], calls).join("\n")}`,
  );
  if (throttled) {
    const elapsed = [
      `${INGEST_MB} MB`,
      milliseconds(throttled.first),
      milliseconds(throttled.warm),
    ];
    console.log(
      `\n${formatTable(["ingest, elapsed ms", "first call", "warm call"], [elapsed]).join("\n")}`,
    );
  }
  console.log(`\n${formatTable(["ratio", "measured", "goal", ""], rows).join("\n")}`);
}

const rounds = roundsIn(process.argv.slice(2));
if (Number.isNaN(rounds)) {
  console.error(`Invalid arguments: ${process.argv.slice(2).join(" ")}\n${USAGE}`);
  process.exit(1);
}
mkdirSync(localFolder, { recursive: true });
// Inside the project, so that the CDK's default bundle finds the SDK that it does not contain.
const folder = mkdtempSync(join(localFolder, "bench-"));
try {
  const [cpu] = cpus();
  console.log(
    `${new Date().toISOString().slice(0, 10)}, Node.js ${process.versions.node}, ${cpus().length} × ${cpu?.model ?? "unknown"}, ${rounds} rounds, lower quartiles\n`,
  );
  printReport(await measure(folder, rounds));
} finally {
  rmSync(folder, { recursive: true });
}
