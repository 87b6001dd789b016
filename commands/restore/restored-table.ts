import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";

import { partitionKey, sortKey } from "../../functions/store/attributes.ts";
import { CommandError } from "../command-error.ts";

function checkKey(tableName: string, { KeySchema: schema = [] }: TableDescription): void {
  const keys = schema.map(({ AttributeName: name }) => name);
  if (keys.join(" ") !== `${partitionKey} ${sortKey}`) {
    throw new CommandError(
      `table ${tableName} is none of agents: its key is ${keys.join(", ")}, not ${partitionKey}, ${sortKey}`,
    );
  }
}

async function describe(client: DynamoDBClient, tableName: string): Promise<TableDescription> {
  try {
    const { Table: table = {} } = await client.send(
      new DescribeTableCommand({ TableName: tableName }),
    );
    return table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      throw new CommandError(
        `there is no table ${tableName} in this account and region; docs/operate/restore.md says how to restore one`,
      );
    }
    throw error;
  }
}

/**
 * When a table was made, in epoch milliseconds. No restore from it began before.
 *
 * @throws CommandError when there is no such table, it is not ready, or it is none of agents.
 */
export async function madeAt(client: DynamoDBClient, tableName: string): Promise<number> {
  const table = await describe(client, tableName);
  checkKey(tableName, table);
  const { TableStatus: status = "not ready", CreationDateTime: made } = table;
  if (status !== "ACTIVE" || made === undefined) {
    throw new CommandError(
      `table ${tableName} is ${status}: wait until it is ACTIVE, and try again`,
    );
  }
  return made.getTime();
}
