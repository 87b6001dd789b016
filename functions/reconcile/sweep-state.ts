import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

/** The attributes of an account's item; times are epoch milliseconds. */
const names = {
  "#connectedAt": "connectedAt",
  "#completedAt": "completedAt",
  "#runningUntil": "runningUntil",
} as const;

const number = (value: number) => ({ N: String(value) });

/** Creates the record of each account's sweeps, in a table of its own. */
export function createSweepState(client: DynamoDBClient, tableName: string) {
  const keyOf = (accountId: string) => ({
    TableName: tableName,
    Key: { accountId: { S: accountId } },
  });

  return {
    /** Returns when the last complete sweep of an account ended; before the first one, when the account was first seen. */
    async lastCompletedAt(accountId: string, now: number): Promise<number> {
      const { "#connectedAt": connectedAt } = names;
      const { Attributes: state = {} } = await client.send(
        new UpdateItemCommand({
          ...keyOf(accountId),
          UpdateExpression: "SET #connectedAt = if_not_exists(#connectedAt, :now)",
          ExpressionAttributeNames: { "#connectedAt": connectedAt },
          ExpressionAttributeValues: { ":now": number(now) },
          ReturnValues: "ALL_NEW",
        }),
      );
      return Number(state["completedAt"]?.N ?? state[connectedAt]?.N ?? now);
    },

    /**
     * Acquires the exclusive right to sweep an account.
     *
     * @param until when it ends by itself, because the function has been killed.
     * @returns whether it was acquired.
     */
    async acquire(accountId: string, now: number, until: number): Promise<boolean> {
      const { "#runningUntil": runningUntil } = names;
      try {
        await client.send(
          new UpdateItemCommand({
            ...keyOf(accountId),
            UpdateExpression: "SET #runningUntil = :until",
            ConditionExpression: "attribute_not_exists(#runningUntil) OR #runningUntil < :now",
            ExpressionAttributeNames: { "#runningUntil": runningUntil },
            ExpressionAttributeValues: { ":now": number(now), ":until": number(until) },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          return false;
        }
        throw error;
      }
    },

    /** Releases the right, and records that the sweep was complete. */
    async complete(accountId: string, now: number): Promise<void> {
      const { "#completedAt": completedAt, "#runningUntil": runningUntil } = names;
      await client.send(
        new UpdateItemCommand({
          ...keyOf(accountId),
          UpdateExpression: "SET #completedAt = :now REMOVE #runningUntil",
          ExpressionAttributeNames: {
            "#completedAt": completedAt,
            "#runningUntil": runningUntil,
          },
          ExpressionAttributeValues: { ":now": number(now) },
        }),
      );
    },

    /** Releases the right after a sweep that failed. */
    async release(accountId: string): Promise<void> {
      const { "#runningUntil": runningUntil } = names;
      await client.send(
        new UpdateItemCommand({
          ...keyOf(accountId),
          UpdateExpression: "REMOVE #runningUntil",
          ExpressionAttributeNames: { "#runningUntil": runningUntil },
        }),
      );
    },
  };
}

/** @see createSweepState */
export type SweepState = ReturnType<typeof createSweepState>;
