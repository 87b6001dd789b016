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

/** The outcome of applying a change. `version` is the stored one. */
export interface Outcome {
  readonly kind: "applied" | "duplicate" | "stale";
  readonly version: number;
}

/** DynamoDB rejected a write with a validation error: a defect of ours. Every retry would fail. */
export class ChangeRejectedError extends Error {
  override readonly name = "ChangeRejectedError";
}

/** The request to DynamoDB failed: throttled, unreachable, too slow, or not permitted. Retrying is safe. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

/** Returns the outcome of a change whose condition failed beside this stored item. */
function outcomeBeside(stored: Attributes, order: ChangeOrder): Outcome {
  const known = countIn(stored);
  const comparison = compareChanges(order, known);
  if (comparison > 0) {
    throw new Error("the table rejected a change that is newer than the stored one");
  }
  return { kind: comparison === 0 ? "duplicate" : "stale", version: known.version };
}

function isValidationError(error: unknown): boolean {
  return (
    error instanceof DynamoDBServiceException &&
    ["ValidationException", "SerializationException"].includes(error.name)
  );
}

/** Creates the store of every agent's newest state, in a DynamoDB table. */
export function createAgentStore(client: DynamoDBClient, tableName: string) {
  return {
    /**
     * Opens the connection and compiles what a write needs, with a write whose condition never holds. It needs
     * no other permission than a change, and leaves nothing in the table or its stream.
     */
    async prewarm(): Promise<void> {
      const noAgent = { S: "_prewarm" };
      const write = new UpdateItemCommand({
        TableName: tableName,
        Key: { [partitionKey]: noAgent, [sortKey]: noAgent },
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
        if (isValidationError(error)) {
          throw new ChangeRejectedError("DynamoDB rejected the write as invalid", { cause: error });
        }
        throw new StoreUnavailableError("the write to DynamoDB failed", { cause: error });
      }
    },
  };
}

/** @see createAgentStore */
export type AgentStore = ReturnType<typeof createAgentStore>;
