import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { columns } from "../../commands/columns.ts";
import { localFolder } from "../run/paths.ts";
import { KEY } from "../fakes/request.ts";
import { buildCold, buildWarm } from "./performance/builds.ts";
import { compareCold } from "./performance/cold.ts";
import { findingsOf, INGEST_MB, lowerQuartile, type Measured, rowOf } from "./performance/goals.ts";
import { type Inputs, makeCertificate, writeInputs } from "./performance/inputs.ts";
import { runWarm, type Stub, startStub } from "./performance/measure.ts";
import { measureThrottled, type Throttled } from "./performance/throttled.ts";

const USAGE =
  "npm run bench -- [--rounds N]: a whole number from 3 to 100 is allowed; without it 15, which take some minutes";

const BUS_MS = 15;

/** What DynamoDB and Secrets Manager take, or so. */
const TABLE_MS = 5;

function roundsIn(args: readonly string[]): number {
  const options = { rounds: { type: "string", default: "15" } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, strict: false });
  const isKnown = positionals.length === 0 && Object.keys(values).every((name) => name in options);
  const text = typeof values.rounds === "string" ? values.rounds : "";
  const rounds = isKnown && /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return rounds >= 3 && rounds <= 100 ? rounds : Number.NaN;
}

/** Control groups are Linux's, and root's: without them one row is missing, and the rest is told. */
async function throttledOrNot(
  file: string,
  inputs: Inputs,
  rounds: number,
  stub: Stub,
): Promise<Throttled | undefined> {
  try {
    return await measureThrottled({ file, memoryMb: INGEST_MB }, inputs, rounds, stub);
  } catch (error) {
    console.error(`${INGEST_MB} MB are not simulated: ${String(error)}`);
    return undefined;
  }
}

async function measure(folder: string, rounds: number): Promise<Measured> {
  const pem = makeCertificate(folder);
  const inputs = writeInputs(folder);
  const { sizes, ...cold } = await buildCold(folder);
  const { ingest, publisher } = await buildWarm(folder);
  const stub = await startStub(pem, KEY);
  const slow = await startStub(pem, KEY, BUS_MS);
  const table = await startStub(pem, KEY, TABLE_MS);
  try {
    return {
      sizes,
      cold: await compareCold(cold, inputs, rounds, stub),
      warm: await runWarm(ingest, rounds, inputs.request(), stub),
      tenRecords: await runWarm(publisher, rounds, inputs.tenRecords, stub),
      hundredRecords: await runWarm(publisher, rounds, inputs.hundredRecords, stub),
      slowBus: await runWarm(publisher, rounds, inputs.hundredRecords, slow),
      throttled: await throttledOrNot(cold.prewarmed, inputs, rounds, table),
    };
  } finally {
    stub.process.disconnect();
    slow.process.disconnect();
    table.process.disconnect();
  }
}

const milliseconds = (value: number) => value.toFixed(1);

function tell(measured: Measured): void {
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
  console.log(columns(["cold start, ms of CPU", "boot", "init", "first call", "all"], starts));
  console.log(`\n${columns(["warm", "variant", "microseconds of CPU a call"], calls)}`);
  if (throttled) {
    const clocked = [
      `${INGEST_MB} MB`,
      milliseconds(throttled.first),
      milliseconds(throttled.warm),
    ];
    console.log(`\n${columns(["ingest, ms by the clock", "first call", "warm call"], [clocked])}`);
  }
  console.log(`\n${columns(["ratio", "measured", "goal", ""], rows)}`);
}

const rounds = roundsIn(process.argv.slice(2));
if (Number.isNaN(rounds)) {
  console.error(`${process.argv.slice(2).join(" ")} is not understood.\n${USAGE}`);
  process.exit(1);
}
mkdirSync(localFolder, { recursive: true });
// Inside the project: CDK's default bundle has to find the SDK that it leaves out.
const folder = mkdtempSync(join(localFolder, "bench-"));
try {
  const [cpu] = cpus();
  console.log(
    `${new Date().toISOString().slice(0, 10)}, Node.js ${process.versions.node}, ${cpus().length} × ${cpu?.model ?? "unknown"}, ${rounds} rounds, lower quartiles\n`,
  );
  tell(await measure(folder, rounds));
} finally {
  rmSync(folder, { recursive: true });
}
