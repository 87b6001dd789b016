import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  DynamoDBServiceException,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

import { type AvailabilityChange, compareChanges } from "../availability/change.ts";
import { kindOf } from "../availability/item-kind.ts";
import { partitionKey, reconciledAt, sortKey, userId as userIdAttribute } from "./attributes.ts";
import { conditionHeld } from "./condition-held.ts";
import type { ConditionalWrite } from "./conditional-write.ts";
import { eventMergeWrite } from "./event-merge.ts";
import { findAvailabilityItems, type Person } from "./find-availability-items.ts";
import type { Delivery } from "./item.ts";
import { type Attributes, headerOf, readVersion } from "./read-item.ts";
import { isOwnItem, isRemoval, type ItemEvent, type Write, writeOf } from "./write.ts";

/**
 * The outcome of an event for one item. `version` is the stored one. A removal is also stale if the item belongs
 * to another person.
 */
export interface Outcome {
  readonly kind: "applied" | "duplicate" | "stale";
  readonly version: number;
}

/** Maximum number of attempts to merge if the item changes at the same time. */
const MAX_MERGE_ATTEMPTS = 10;

/** DynamoDB rejected a write with a validation error: a bug in the hub. Every retry would fail. */
export class ChangeRejectedError extends Error {
  override readonly name = "ChangeRejectedError";
}

/** The request to DynamoDB failed: throttled, unreachable, too slow, or not permitted. Retrying is safe. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

/** Returns the outcome of an event whose condition failed, from the stored item. */
function outcomeFromStored(stored: Attributes, { order }: Write, event: ItemEvent): Outcome {
  const known = headerOf(stored);
  const comparison = compareChanges(order, known);
  const isOfAnotherPerson = isRemoval(event) && !isOwnItem(event, stored);
  if (comparison > 0 && !isOfAnotherPerson) {
    throw new Error("the table rejected a change that is newer than the stored one");
  }
  return { kind: comparison === 0 ? "duplicate" : "stale", version: known.version };
}

/** Returns whether a newer event is merged into an item that reconcile has written. */
function isMerged(
  event: ItemEvent,
  { order }: Write,
  stored: Attributes,
): event is AvailabilityChange {
  const isReconciled = stored[reconciledAt] !== undefined || stored[userIdAttribute] !== undefined;
  return (
    isReconciled &&
    !isRemoval(event) &&
    kindOf(event.availabilityId) === "availability" &&
    compareChanges(order, headerOf(stored)) > 0
  );
}

function isValidationError(error: unknown): boolean {
  return (
    error instanceof DynamoDBServiceException &&
    ["ValidationException", "SerializationException"].includes(error.name)
  );
}

/** Creates the store of every agent's newest state, in a DynamoDB table. */
export function createAgentStore(client: DynamoDBClient, tableName: string) {
  /** Makes a conditional write. @returns the written item, or the stored item if the condition failed. */
  async function send(
    input: ConditionalWrite,
    abortSignal: AbortSignal,
  ): Promise<{ readonly written?: Attributes; readonly stored?: Attributes }> {
    try {
      const command = new UpdateItemCommand({ TableName: tableName, ...input });
      const { Attributes: written = {} } = await client.send(command, { abortSignal });
      return { written };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return { stored: error.Item ?? {} };
      }
      if (isValidationError(error)) {
        throw new ChangeRejectedError("DynamoDB rejected the write as invalid", { cause: error });
      }
      throw new StoreUnavailableError("the write to DynamoDB failed", { cause: error });
    }
  }

  return {
    /**
     * Opens the connection and compiles the code for writes, by a write whose condition never holds. It needs only the
     * permission that changes need, and leaves nothing in the table or its stream.
     */
    async prewarm(): Promise<void> {
      const noAgent = { S: "_prewarm" };
      const write = new UpdateItemCommand({
        TableName: tableName,
        Key: { [partitionKey]: noAgent, [sortKey]: noAgent },
        ConditionExpression: `attribute_exists(${partitionKey})`,
      });
      await conditionHeld(client.send(write));
    },

    /**
     * Applies an event to one item if it is newer than the stored one, in one conditional write. If reconcile has
     * written the item, a second conditional write may merge the event into it.
     *
     * @throws ChangeRejectedError, StoreUnavailableError
     */
    async apply(event: ItemEvent, delivery: Delivery, abortSignal: AbortSignal): Promise<Outcome> {
      const write = writeOf(event, delivery);
      for (let attempt = 1; attempt <= MAX_MERGE_ATTEMPTS; attempt += 1) {
        const { written, stored = {} } = await send(write.input, abortSignal);
        if (written !== undefined) {
          return { kind: "applied", version: readVersion(written) };
        }
        if (!isMerged(event, write, stored)) {
          return outcomeFromStored(stored, write, event);
        }
        const merge = eventMergeWrite(event, delivery, stored);
        if ((await send(merge.write, abortSignal)).written !== undefined) {
          return { kind: "applied", version: merge.known.version + 1 };
        }
      }
      throw new StoreUnavailableError(
        `the item changed during each of ${MAX_MERGE_ATTEMPTS} attempts`,
      );
    },

    /**
     * Finds the availability items of a person, for a removal.
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
        throw new StoreUnavailableError("the DynamoDB query failed", { cause: error });
      }
    },
  };
}

export type AgentStore = ReturnType<typeof createAgentStore>;
