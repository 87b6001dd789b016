import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { bundleBytes, MAX_BYTES_RATIO } from "./lookup-bundle.ts";

const ROUNDS = 40;
const CALLS = 250;
const WARM_UP = 4;
const MAX_CPU_RATIO = 1.15;

const accountId = "11010177632";
const availabilityId = "787096";

/** Measures the CPU microseconds of this process per call. */
async function cpuOf(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < CALLS; index += 1) {
    await call();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Measures both in turns within one process, so that other work on the machine affects both alike. */
async function compareCpu(port: number) {
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "eu-central-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
  });
  const lookup = createAgentLookup({ tableName: "agents", client });
  const Key = { accountId: { S: accountId }, availabilityId: { S: availabilityId } };
  const calls = {
    bare: async () => await client.send(new GetItemCommand({ TableName: "agents", Key })),
    reader: async () => await lookup.byAvailabilityId(accountId, availabilityId),
  };
  const bare: number[] = [];
  const reader: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    // The order alternates.
    const isBareFirst = round % 2 === 0;
    const one = await cpuOf(isBareFirst ? calls.bare : calls.reader);
    const other = await cpuOf(isBareFirst ? calls.reader : calls.bare);
    if (round >= 0) {
      bare.push(isBareFirst ? one : other);
      reader.push(isBareFirst ? other : one);
    }
  }
  client.destroy();
  const ratio = median(reader.map((each, round) => each / (bare[round] ?? Number.NaN)));
  return { bare: median(bare), reader: median(reader), ratio };
}

function check(name: string, ratio: number, limit: number): void {
  console.log(`${name}: ${ratio.toFixed(3)} times a bare GetItem (limit ${limit})`);
  // NaN fails too.
  if (!(ratio <= limit)) {
    process.exitCode = 1;
  }
}

const { bare, reader } = await bundleBytes();
console.log(`Minified bundle: ${bare} bytes with a bare GetItem, ${reader} with the reader`);
check("bundle", reader / bare, MAX_BYTES_RATIO);

const stub = fork(fileURLToPath(new URL("stub-table.ts", import.meta.url)));
try {
  const message: unknown[] = await once(stub, "message");
  const cpu = await compareCpu(Number(message[0]));
  console.log(
    `CPU of a lookup by ID: ${cpu.bare.toFixed(0)} microseconds with a bare GetItem, ${cpu.reader.toFixed(0)} with the reader (medians of ${ROUNDS} rounds of ${CALLS})`,
  );
  check("CPU", cpu.ratio, MAX_CPU_RATIO);
} finally {
  stub.disconnect();
}
