import {
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

import type { StoredItem } from "../availability/state.ts";
import { partitionKey } from "./attributes.ts";
import { keyOf } from "./item-key.ts";
import { type Attributes, isOrdered, readItemIfReadable } from "./read-item.ts";
import { conditionHeld } from "./condition-held.ts";
import type { ConditionalWrite } from "./conditional-write.ts";

export interface AccountItems {
  readonly items: readonly StoredItem[];
  /** Items that this version cannot parse; they stay as they are. */
  readonly unreadable: number;
}

const parse = (item: Attributes) => (isOrdered(item) ? readItemIfReadable(item) : undefined);

export function createReconcileStore(client: DynamoDBClient, tableName: string) {
  return {
    /**
     * Reads all items of an account, page by page. Reads are eventually consistent, at half the price: every
     * write is conditional on what was read.
     */
    async items(accountId: string): Promise<AccountItems> {
      const items: StoredItem[] = [];
      let unreadable = 0;
      const pages = paginateQuery(
        { client },
        {
          TableName: tableName,
          KeyConditionExpression: "#accountId = :accountId",
          ExpressionAttributeNames: { "#accountId": partitionKey },
          ExpressionAttributeValues: { ":accountId": { S: accountId } },
        },
      );
      for await (const page of pages) {
        const parsed = (page.Items ?? []).map(parse);
        items.push(...parsed.filter((item) => item !== undefined));
        unreadable += parsed.filter((item) => item === undefined).length;
      }
      return { items, unreadable };
    },

    /** Reads items by availability ID, consistently. Items that do not exist or cannot be parsed are left out. */
    async itemsOf(
      accountId: string,
      availabilityIds: readonly string[],
    ): Promise<readonly StoredItem[]> {
      const items: StoredItem[] = [];
      for (const availabilityId of availabilityIds) {
        const { Item: item } = await client.send(
          new GetItemCommand({
            TableName: tableName,
            Key: keyOf({ accountId, availabilityId }),
            ConsistentRead: true,
          }),
        );
        const parsed = item && parse(item);
        items.push(...(parsed ? [parsed] : []));
      }
      return items;
    },

    /**
     * Makes a conditional write.
     *
     * @returns whether the item had not changed since it was read. If it had, the next sweep compares it again.
     */
    async write(write: ConditionalWrite): Promise<boolean> {
      const command = new UpdateItemCommand({ TableName: tableName, ...write });
      return await conditionHeld(client.send(command));
    },
  };
}

export type ReconcileStore = ReturnType<typeof createReconcileStore>;
