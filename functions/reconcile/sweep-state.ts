import { randomUUID } from "node:crypto";

import {
  type DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";

import { conditionHeld } from "../store/condition-held.ts";
import { stateKey } from "./state-key.ts";

/** The sort key of the item with an account's sweeps. */
const PART = "sweeps";

/** The attributes of a lease. Times of this item are epoch milliseconds. */
const leaseNames = { "#runningUntil": "runningUntil", "#owner": "owner" };

export interface SweepLease {
  readonly accountId: string;
  /** Identifies the sweep that acquired it. A sweep that outlasts its lease must not release that of a later sweep. */
  readonly owner: string;
}

const numberAttribute = (value: number) => ({ N: String(value) });

/** Creates the record of each account's sweeps, in the table of sweep state. */
export function createSweepState(client: DynamoDBClient, tableName: string) {
  const keyOf = (accountId: string) => ({
    TableName: tableName,
    Key: stateKey(accountId, PART),
  });

  const update = async (input: UpdateItemCommandInput) =>
    await conditionHeld(client.send(new UpdateItemCommand(input)));

  /** Releases the lease after a sweep, unless a later sweep has acquired it. */
  async function release({ accountId, owner }: SweepLease): Promise<void> {
    await update({
      ...keyOf(accountId),
      UpdateExpression: "REMOVE #runningUntil, #owner",
      ConditionExpression: "#owner = :owner",
      ExpressionAttributeNames: leaseNames,
      ExpressionAttributeValues: { ":owner": { S: owner } },
    });
  }

  return {
    /** Returns when the last complete sweep of an account ended; before the first one, when the account was first seen. */
    async lastCompletedAt(accountId: string, now: number): Promise<number> {
      const { Attributes: state = {} } = await client.send(
        new UpdateItemCommand({
          ...keyOf(accountId),
          UpdateExpression: "SET #connectedAt = if_not_exists(#connectedAt, :now)",
          ExpressionAttributeNames: { "#connectedAt": "connectedAt" },
          ExpressionAttributeValues: { ":now": numberAttribute(now) },
          ReturnValues: "ALL_NEW",
        }),
      );
      return Number(state["completedAt"]?.N ?? state["connectedAt"]?.N ?? now);
    },

    /**
     * Acquires the lease to sweep an account.
     *
     * @param until epoch milliseconds at which the lease expires, in case the function was killed.
     * @returns `undefined` if another sweep has the lease.
     */
    async acquire(accountId: string, now: number, until: number): Promise<SweepLease | undefined> {
      const owner = randomUUID();
      const acquired = await update({
        ...keyOf(accountId),
        UpdateExpression: "SET #runningUntil = :until, #owner = :owner",
        ConditionExpression: "attribute_not_exists(#runningUntil) OR #runningUntil < :now",
        ExpressionAttributeNames: leaseNames,
        ExpressionAttributeValues: {
          ":now": numberAttribute(now),
          ":until": numberAttribute(until),
          ":owner": { S: owner },
        },
      });
      return acquired ? { accountId, owner } : undefined;
    },

    /** Records a complete sweep, and releases the lease unless a later sweep has acquired it. */
    async complete(lease: SweepLease, now: number): Promise<void> {
      await update({
        ...keyOf(lease.accountId),
        UpdateExpression: "SET #completedAt = :now",
        ExpressionAttributeNames: { "#completedAt": "completedAt" },
        ExpressionAttributeValues: { ":now": numberAttribute(now) },
      });
      await release(lease);
    },

    release,
  };
}

export type SweepState = ReturnType<typeof createSweepState>;
