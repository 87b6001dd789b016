import { build } from "esbuild";

import { root } from "../run/paths.ts";

const bare = `
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
const client = new DynamoDBClient();
export const handler = async ({ accountId, availabilityId }) => {
  const Key = { accountId: { S: accountId }, availabilityId: { S: availabilityId } };
  return (await client.send(new GetItemCommand({ TableName: "agents", Key }))).Item;
};`;

const reader = `
import { createAgentLookup } from "./client/lookups/agent-lookup.ts";
const lookup = createAgentLookup({ tableName: "agents" });
export const handler = async ({ accountId, availabilityId }) =>
  await lookup.byAvailabilityId(accountId, availabilityId);`;

async function bytesOf(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    legalComments: "none",
    logLevel: "error",
  });
  return outputFiles.reduce((sum, { contents: file }) => sum + file.byteLength, 0);
}

/** Limit for the size of a service with the reader, relative to one with only the SDK's client. */
export const MAX_BYTES_RATIO = 1.15;

/** Returns the minified size of a service that looks up an agent, with the reader and with only the SDK. */
export async function bundleBytes(): Promise<{ readonly bare: number; readonly reader: number }> {
  return { bare: await bytesOf(bare), reader: await bytesOf(reader) };
}
