import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  DynamoDBServiceException,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

import { compareChanges } from "../availability/change.ts";
import { partitionKey, sortKey, userId as userIdAttribute } from "./attributes.ts";
import { findAvailabilityItems, type Person } from "./find-availability-items.ts";
import type { Delivery } from "./item.ts";
import { type Attributes, countIn, versionIn } from "./read-item.ts";
import { type ItemEvent, type Write, writeOf } from "./write.ts";

/**
 * The outcome of an event for one item. `version` is the stored one. A removal is also stale if the item belongs
 * to another person.
 */
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

/** Returns the outcome of an event whose condition failed beside this stored item. */
function outcomeBeside(stored: Attributes, { order, userId }: Write): Outcome {
  const known = countIn(stored);
  const comparison = compareChanges(order, known);
  const owner = stored[userIdAttribute]?.S;
  const isOtherPersons = userId !== undefined && owner !== undefined && owner !== userId;
  if (comparison > 0 && !isOtherPersons) {
    throw new Error("the table rejected a change that is newer than the stored one");
  }
  const kind = comparison === 0 && !isOtherPersons ? "duplicate" : "stale";
  return { kind, version: known.version };
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
     * Applies an event to one item if it is newer than what is stored, in one conditional write.
     *
     * @throws ChangeRejectedError, StoreUnavailableError
     */
    async apply(event: ItemEvent, delivery: Delivery, abortSignal: AbortSignal): Promise<Outcome> {
      const write = writeOf(event, delivery);
      const command = new UpdateItemCommand({ TableName: tableName, ...write.input });
      try {
        const { Attributes: written = {} } = await client.send(command, { abortSignal });
        return { kind: "applied", version: versionIn(written) };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          return outcomeBeside(error.Item ?? {}, write);
        }
        if (isValidationError(error)) {
          throw new ChangeRejectedError("DynamoDB rejected the write as invalid", { cause: error });
        }
        throw new StoreUnavailableError("the write to DynamoDB failed", { cause: error });
      }
    },

    /**
     * Finds the availability items of a person, which only a removal needs.
     *
     * @returns the sort keys.
     * @throws StoreUnavailableError
     */
    async findAvailabilityItems(
      person: Person,
      abortSignal: AbortSignal,
    ): Promise<readonly string[]> {
      try {
        return await findAvailabilityItems(
          async (input) => await client.send(new QueryCommand(input), { abortSignal }),
          tableName,
          person,
        );
      } catch (error) {
        throw new StoreUnavailableError("the query of DynamoDB failed", { cause: error });
      }
    },
  };
}

/** @see createAgentStore */
export type AgentStore = ReturnType<typeof createAgentStore>;
