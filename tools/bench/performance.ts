import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { formatTable } from "../../commands/shared/table.ts";
import { KEY } from "../fakes/request.ts";
import { localFolder } from "../run/paths.ts";
import { buildCold, buildWarm } from "./performance/builds.ts";
import { coldRows, findingsOf, type Measurements, rowOf } from "./performance/goals.ts";
import { createCertificate, writeInputs } from "./performance/inputs.ts";
import { lowerQuartile, runCold, runWarm, startStub } from "./performance/measure.ts";

const BUS_LATENCY_MS = 15;

/** Reads `--rounds`: fewer than 3 have no quartile. */
function readRounds(): number {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "15" } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 3) {
    throw new Error(`--rounds must be a whole number of at least 3 (got ${values.rounds})`);
  }
  return rounds;
}

async function measure(folder: string, rounds: number): Promise<Measurements> {
  const pem = createCertificate(folder);
  const { request, tenRecords, hundredRecords } = writeInputs(folder);
  const builds = await buildCold(folder);
  const { ingest, publisher } = await buildWarm(folder);
  const stub = await startStub(pem, KEY);
  const slow = await startStub(pem, KEY, BUS_LATENCY_MS);
  try {
    const cold: Measurements["cold"][number][] = [];
    for (let round = 0; round < rounds; round += 1) {
      const event = request();
      cold.push({
        empty: await runCold(builds.empty, event, stub),
        cdkDefault: await runCold(builds.cdkDefault, event, stub),
        ingest: await runCold(builds.ingest, event, stub),
        prewarmed: await runCold(builds.prewarmed, event, stub),
        publisher: await runCold(builds.publisher, tenRecords, stub),
      });
    }
    return {
      cold,
      warm: await runWarm(ingest, rounds, request(), stub),
      tenRecords: await runWarm(publisher, rounds, tenRecords, stub),
      hundredRecords: await runWarm(publisher, rounds, hundredRecords, stub),
      slowBus: await runWarm(publisher, rounds, hundredRecords, slow),
    };
  } finally {
    stub.process.disconnect();
    slow.process.disconnect();
  }
}

function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`${formatTable(titles, rows).join("\n")}\n`);
}

function printReport(measured: Measurements): void {
  const { warm, tenRecords, hundredRecords } = measured;
  printTable(["cold start, CPU ms", "boot", "init", "first call"], coldRows(measured));
  printTable(
    ["warm", "variant", "CPU microseconds per call"],
    Object.entries({ warm, tenRecords, hundredRecords }).flatMap(([run, turns]) =>
      Object.entries(turns).map(([variant, each]) => [
        run,
        variant,
        lowerQuartile(each.map(({ cpu }) => cpu)).toFixed(0),
      ]),
    ),
  );
  printTable(["ratio", "measured", "goal", ""], findingsOf(measured).map(rowOf));
}

const rounds = readRounds();
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
