import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import { conditionHeld } from "./condition-held.ts";
import { unchangedCondition } from "./conditional-write.ts";
import { type ItemKey, keyOf } from "./item-key.ts";
import { type Attributes, headerOf } from "./read-item.ts";

/** Maximum number of attempts if the item changes in between. */
const MAX_ATTEMPTS = 20;

/** A write: the whole item, or an update of it, whose names `#epoch` and `#version` are defined. */
export type ItemWrite =
  { readonly put: Attributes } | { readonly update: string; readonly values: Attributes };

/** The result of a change, and the write that it needs; without a write, nothing has to change. */
export interface Decision<Result> {
  readonly result: Result;
  readonly write?: ItemWrite;
}

/** The item changed during every attempt. Retrying is safe. */
export class OvertakenError extends Error {
  override readonly name = "OvertakenError";
}

/** Creates the client for changes that depend on an item's content. Writes of events do not need it. */
export function createItemChanges(client: DynamoDBClient, tableName: string) {
  async function read(key: ItemKey): Promise<Attributes | undefined> {
    const { Item: item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: keyOf(key), ConsistentRead: true }),
    );
    return item;
  }

  async function send(key: ItemKey, item: Attributes | undefined, write: ItemWrite): Promise<void> {
    const { condition, values: known } = unchangedCondition(item && headerOf(item));
    const values = marshall(known);
    const names = { "#epoch": "epoch", "#version": "version" };
    if ("update" in write) {
      const input = {
        TableName: tableName,
        Key: keyOf(key),
        UpdateExpression: write.update,
        ConditionExpression: condition,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ...values, ...write.values },
      };
      await client.send(new UpdateItemCommand(input));
      return;
    }
    await client.send(
      new PutItemCommand({
        TableName: tableName,
        Item: write.put,
        ConditionExpression: condition,
        ...(item && { ExpressionAttributeNames: names, ExpressionAttributeValues: values }),
      }),
    );
  }

  return {
    /** Reads an item with strong consistency. */
    read,

    /**
     * Reads an item, decides, and writes. If the item has changed in between, starts again.
     *
     * @param decide returns the decision about an item, or about its absence.
     * @param known the item, if it was just read. It replaces the first read.
     * @throws OvertakenError if the item changed during every attempt; UnreadableItemError if it is not
     *   ordered; what `decide` throws.
     */
    async change<Result>(
      key: ItemKey,
      decide: (item: Attributes | undefined) => Decision<Result>,
      known?: Attributes,
    ): Promise<Result> {
      let item = known ?? (await read(key));
      for (let attempt = 1; ; attempt += 1) {
        const { result, write } = decide(item);
        if (write === undefined || (await conditionHeld(send(key, item, write)))) {
          return result;
        }
        if (attempt === MAX_ATTEMPTS) {
          throw new OvertakenError(`the item changed during each of ${MAX_ATTEMPTS} attempts`);
        }
        item = await read(key);
      }
    },
  };
}
