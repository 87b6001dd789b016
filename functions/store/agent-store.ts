import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  DynamoDBServiceException,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

import {
  type AvailabilityChange,
  type ChangeOrder,
  compareChanges,
} from "../availability/change.ts";
import { partitionKey, sortKey } from "./attributes.ts";
import type { Delivery } from "./item.ts";
import { type Attributes, countIn, versionIn } from "./read-item.ts";
import { writeOf } from "./write.ts";

/** What became of a change. `version` is the stored one. */
export interface Outcome {
  readonly kind: "applied" | "duplicate" | "stale";
  readonly version: number;
}

/** DynamoDB refused a write as malformed. Repeating it would fail for ever: a defect of ours. */
export class ChangeRejectedError extends Error {
  override readonly name = "ChangeRejectedError";
}

/** DynamoDB could not be asked: throttled, out of reach, too slow, not permitted. Repeating is safe. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

function outcomeBeside(stored: Attributes, order: ChangeOrder): Outcome {
  const known = countIn(stored);
  const comparison = compareChanges(order, known);
  if (comparison > 0) {
    throw new Error("the table refused a change that is newer than what it says it holds");
  }
  return { kind: comparison === 0 ? "duplicate" : "stale", version: known.version };
}

function isMalformed(error: unknown): boolean {
  return (
    error instanceof DynamoDBServiceException &&
    ["ValidationException", "SerializationException"].includes(error.name)
  );
}

/** The latest state of every agent, in the table of that name. */
export function createAgentStore(client: DynamoDBClient, tableName: string) {
  return {
    /**
     * Opens the connection and compiles what a write needs, by a write whose condition never holds: it
     * needs no permission that a change does not need, and leaves nothing in the table or its stream.
     */
    async prewarm(): Promise<void> {
      const nobody = { S: "_prewarm" };
      const write = new UpdateItemCommand({
        TableName: tableName,
        Key: { [partitionKey]: nobody, [sortKey]: nobody },
        ConditionExpression: `attribute_exists(${partitionKey})`,
      });
      await client.send(write).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) {
          throw error;
        }
      });
    },

    /**
     * Applies a change if it is newer than what is stored, in one conditional write.
     *
     * @throws ChangeRejectedError, StoreUnavailableError
     */
    async apply(
      change: AvailabilityChange,
      delivery: Delivery,
      abortSignal: AbortSignal,
    ): Promise<Outcome> {
      const { input, order } = writeOf(change, delivery);
      const write = new UpdateItemCommand({ TableName: tableName, ...input });
      try {
        const { Attributes: written = {} } = await client.send(write, { abortSignal });
        return { kind: "applied", version: versionIn(written) };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          return outcomeBeside(error.Item ?? {}, order);
        }
        if (isMalformed(error)) {
          throw new ChangeRejectedError("DynamoDB refused the write", { cause: error });
        }
        throw new StoreUnavailableError("DynamoDB did not take the write", { cause: error });
      }
    },
  };
}

/** @see createAgentStore */
export type AgentStore = ReturnType<typeof createAgentStore>;
