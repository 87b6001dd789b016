import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Context } from "aws-lambda";

import { startEmulator } from "../../../local/emulator/emulator.ts";
import { localFolder, root } from "../../../tools/run/paths.ts";
import { ensurePython } from "../../../tools/run/python.ts";

/** An emulator with a table like the one that `OnceTable` creates. */
export async function aOnceTable() {
  const folder = mkdtempSync(join(tmpdir(), "once-"));
  const python = await ensurePython({
    folder: join(localFolder, "venv"),
    requirements: join(root, "local", "emulator", "requirements.txt"),
  });
  const emulator = await startEmulator({
    python,
    runFolder: join(folder, "run"),
    logFile: join(folder, "log"),
  });
  const aClient = () =>
    new DynamoDBClient({
      endpoint: emulator.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "000000000000", secretAccessKey: "local" },
    });
  const client = aClient();
  const tableName = "once";
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  return {
    client,
    aClient,
    endpoint: emulator.endpoint,
    tableName,
    stop: async () => {
      client.destroy();
      await emulator.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The parts of Lambda's context that the package uses. */
export function aContext({ functionName = "reactor", leftMs = 30_000 } = {}): Context {
  return {
    functionName,
    getRemainingTimeInMillis: () => leftMs,
  } as Context;
}
