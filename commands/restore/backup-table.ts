import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";

import { partitionKey, sortKey } from "../../functions/store/attributes.ts";
import { CommandError } from "../shared/command-error.ts";

function checkKey(tableName: string, { KeySchema: schema = [] }: TableDescription): void {
  const keys = schema.map(({ AttributeName: name }) => name);
  if (keys.join(" ") !== `${partitionKey} ${sortKey}`) {
    throw new CommandError(
      `table ${tableName} must have the key ${partitionKey}, ${sortKey} (got ${keys.join(", ")})`,
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
        `table ${tableName} not found in this account and region. To restore one, see docs/operate/restore.md.`,
      );
    }
    throw error;
  }
}

/**
 * Returns when a table was created, in epoch milliseconds. Every restore from it is later.
 *
 * @throws CommandError if the table does not exist, is not ready, or does not contain agents.
 */
export async function creationTimeOf(client: DynamoDBClient, tableName: string): Promise<number> {
  const table = await describe(client, tableName);
  checkKey(tableName, table);
  const { TableStatus: status = "not ready", CreationDateTime: createdAt } = table;
  if (status !== "ACTIVE" || createdAt === undefined) {
    throw new CommandError(
      `table ${tableName} is not ready (${status}). Wait until it is ACTIVE, then try again.`,
    );
  }
  return createdAt.getTime();
}
