import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";

import { type Cloud, clientConfig } from "../../local/emulator/cloud.ts";
import type { StreamChange } from "./stream-reader.ts";
import { isTombstone, type Violations } from "./verifier/evidence.ts";

/** Returns whether the history must keep a write: it counts as a version, and something was or is stored. */
function isKept({ before, after }: StreamChange): boolean {
  const isCounted =
    before?.["epoch"] !== after?.["epoch"] || before?.["version"] !== after?.["version"];
  const isLive = (item: StreamChange["before"]) => item !== undefined && !isTombstone(item);
  return isCounted && (isLive(before) || isLive(after));
}

const keyOf = ({ accountId, agent, after }: StreamChange): string =>
  `${accountId}#${agent} ${String(after?.["epoch"])}#${String(after?.["version"])}`;

/** Returns the function that compares an account's items in the history with the writes in the table's stream. */
export function openHistoryRows(cloud: Cloud, tableName: string) {
  const client = new DynamoDBClient(clientConfig(cloud));

  async function rowsOf(accountId: string): Promise<Set<string>> {
    const pages = paginateScan(
      { client },
      {
        TableName: tableName,
        ConsistentRead: true,
        FilterExpression: "begins_with(#agent, :account)",
        ExpressionAttributeNames: { "#agent": "agent" },
        ExpressionAttributeValues: { ":account": { S: `${accountId}#` } },
      },
    );
    const keys = new Set<string>();
    for await (const { Items: items = [] } of pages) {
      for (const { agent, change } of items) {
        keys.add(`${agent?.S ?? ""} ${change?.S?.split("#").slice(1).join("#") ?? ""}`);
      }
    }
    return keys;
  }

  return async (
    accountId: string,
    changes: readonly StreamChange[],
  ): Promise<Pick<Violations, "lost" | "unexpected">> => {
    const rows = await rowsOf(accountId);
    const expected = new Set(changes.filter(isKept).map(keyOf));
    return {
      lost: [...expected].filter((key) => !rows.has(key)).map((key) => `the history lacks ${key}`),
      unexpected: [...rows]
        .filter((key) => !expected.has(key))
        .map((key) => `the history has ${key}`),
    };
  };
}

export type HistoryRows = ReturnType<typeof openHistoryRows>;
