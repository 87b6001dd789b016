import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { withDeadline } from "./deadline.ts";
import { explain, LOOKUP_PERMISSION } from "./explain.ts";
import { createTable, type Table } from "./table.ts";

/** Runs calls to a table within one timeout. */
export type UseTable = <Result>(use: (table: Table) => Promise<Result>) => Promise<Result>;

interface TableAccess {
  readonly client: DynamoDBClient;
  readonly deadlineMs: number;
  readonly tableName: () => Promise<string>;
  /**
   * The next step for a caller who lacks the permission to read the table.
   *
   * @default - the managed policy for lookups
   */
  readonly permission?: string;
}

/** Creates the function that runs calls to a table. Errors that the caller can fix are explained. */
export function createUseTable({
  client,
  deadlineMs,
  tableName,
  permission = LOOKUP_PERMISSION,
}: TableAccess): UseTable {
  return async (use) => {
    try {
      return await withDeadline(
        deadlineMs,
        async (deadline) => await use(createTable(client, await tableName(), deadline)),
      );
    } catch (error) {
      throw explain(error, permission);
    }
  };
}
