import { expect, it } from "@jest/globals";
import { build } from "esbuild";

import { root } from "../../../tools/run/paths.ts";

const withSdkOnly = `
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
const client = new DynamoDBClient();
export const handler = async ({ accountId, availabilityId }) => {
  const Key = { accountId: { S: accountId }, availabilityId: { S: availabilityId } };
  return (await client.send(new GetItemCommand({ TableName: "agents", Key }))).Item;
};`;

const withReader = `
import { createAgentLookup } from "./client/lookups/agent-lookup.ts";
const lookup = createAgentLookup({ tableName: "agents" });
export const handler = async ({ accountId, availabilityId }) =>
  await lookup.byAvailabilityId(accountId, availabilityId);`;

async function bundledBytes(contents: string): Promise<number> {
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

it("the reader adds less than 15% to the bundle of a service that only uses the SDK", async () => {
  const bare = await bundledBytes(withSdkOnly);
  const reader = await bundledBytes(withReader);

  expect(bare).toBeGreaterThan(200_000);
  expect(reader / bare).toBeGreaterThan(1);
  expect(reader / bare).toBeLessThan(1.15);
});
