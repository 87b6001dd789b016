import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

import { newSlot, type RequestSlot, type RequestSlots } from "./request-budget.ts";
import { stateKey } from "./state-key.ts";

/** The sort key of the item with an account's slot. */
const PART = "requests";

function slotIn({ nextAt, limit }: Record<string, AttributeValue>): RequestSlot {
  return { nextAt: Number(nextAt?.N), limit: Number(limit?.N) };
}

/** Creates the store of each account's slot, in the table of sweep state. */
export function createRequestSlots(client: DynamoDBClient, tableName: string) {
  return {
    of: (accountId: string): RequestSlots => ({
      async replace({ nextAt: known }, { nextAt, limit }) {
        try {
          await client.send(
            new UpdateItemCommand({
              TableName: tableName,
              Key: stateKey(accountId, PART),
              UpdateExpression: "SET #nextAt = :nextAt, #limit = :limit",
              ConditionExpression: "attribute_not_exists(#nextAt) OR #nextAt = :known",
              ExpressionAttributeNames: { "#nextAt": "nextAt", "#limit": "limit" },
              ExpressionAttributeValues: {
                ":nextAt": { N: String(nextAt) },
                ":limit": { N: String(limit) },
                ":known": { N: String(known) },
              },
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            }),
          );
          return undefined;
        } catch (error) {
          if (error instanceof ConditionalCheckFailedException) {
            return error.Item ? slotIn(error.Item) : newSlot;
          }
          throw error;
        }
      },
    }),
  };
}

export type AllRequestSlots = ReturnType<typeof createRequestSlots>;
