import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import { compareChanges } from "../../functions/availability/change.ts";
import { partitionKey, removedAt, sortKey } from "../../functions/store/attributes.ts";
import { tombstoneOf } from "../agent/tombstone.ts";
import { type Attributes, countIn, readItem } from "../../functions/store/read-item.ts";

/** How often a write is retried if the agent changes at the same time. */
const MAX_ATTEMPTS = 20;

/** A restore, as far as its writes depend on it. */
export interface ItemWriteOptions {
  /**
   * Epoch milliseconds, later than every epoch before the restore, so that (`epoch`, `version`) increases.
   * A resumed restore has the same epoch, and therefore skips what is done. Another restore has another one.
   */
  readonly epoch: number;
  /** Whether the backup overwrites newer state of the table. */
  readonly rollBack: boolean;
  /** Returns whether, by the audit log, the agent was forgotten after this state was received. */
  readonly isForgotten: (key: {
    accountId: string;
    availabilityId: string;
    receivedAt: string;
  }) => boolean;
}

/** The outcome for an item of the backup; `kept` if the table has the same or newer state. */
export type Restored = "restored" | "forgotten" | "kept";

/** The outcome for an item of the table; `current` if it already has this epoch or a later one. */
export type Republished = "republished" | "current" | "tombstone";

/** The agent changed during every attempt. Repeating is safe. */
export class RestoreOvertakenError extends Error {
  override readonly name = "RestoreOvertakenError";
}

const isTombstone = (item: Attributes) => item[removedAt] !== undefined;

const keyOf = ({ accountId, availabilityId }: ReturnType<typeof countIn>) =>
  marshall({ [partitionKey]: accountId, [sortKey]: availabilityId });

/** Returns an (`epoch`, `version`) that is greater than every published one of this agent. */
function nextVersion(
  restored: Attributes,
  present: Attributes | undefined,
  options: ItemWriteOptions,
) {
  const earliest = Math.max(options.epoch, countIn(restored).epoch + 1);
  const known = present && countIn(present);
  return known === undefined || known.epoch < earliest
    ? { epoch: earliest, version: 1 }
    : { epoch: known.epoch, version: known.version + 1 };
}

function isWanted(
  restored: Attributes,
  present: Attributes | undefined,
  options: ItemWriteOptions,
): boolean {
  if (present === undefined) {
    return true;
  }
  const known = countIn(present);
  const comparison = compareChanges(countIn(restored), known);
  // Tombstones stay, and so does what this restore has already written.
  const canBeOverwritten = options.rollBack && !isTombstone(present) && known.epoch < options.epoch;
  return comparison > 0 || (canBeOverwritten && comparison !== 0);
}

/** The condition that an item has not changed since it was read. */
const unchanged = (present: Attributes) => ({
  ExpressionAttributeNames: { "#epoch": "epoch", "#version": "version" },
  ExpressionAttributeValues: marshall({
    ":knownEpoch": countIn(present).epoch,
    ":knownVersion": countIn(present).version,
  }),
  ConditionExpression: "#epoch = :knownEpoch AND #version = :knownVersion",
});

/** Returns what restores and republishes items, by conditional writes that are published like any other. */
export function createItemWrites(
  client: DynamoDBClient,
  tableName: string,
  options: ItemWriteOptions,
) {
  const { epoch, isForgotten } = options;

  async function read(key: Record<string, AttributeValue>): Promise<Attributes | undefined> {
    const { Item: item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true }),
    );
    return item;
  }

  /** @returns whether the condition was met. */
  async function sendConditionally(write: PutItemCommand | UpdateItemCommand): Promise<boolean> {
    try {
      // Separate calls, since the overloads of the client do not accept a union.
      await (write instanceof PutItemCommand ? client.send(write) : client.send(write));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return false;
      }
      throw error;
    }
  }

  async function replace(item: Attributes, present: Attributes | undefined): Promise<boolean> {
    const { reportedPrevious: _reported, ...kept } = item;
    return await sendConditionally(
      new PutItemCommand({
        TableName: tableName,
        Item: { ...kept, ...marshall(nextVersion(item, present, options)) },
        ...(present
          ? unchanged(present)
          : { ConditionExpression: `attribute_not_exists(${partitionKey})` }),
      }),
    );
  }

  /** Returns the item to write: a tombstone if the agent was forgotten after the backup. */
  function wanted(item: Attributes): { readonly item: Attributes; readonly outcome: Restored } {
    const agent = readItem(item);
    return "receivedAt" in agent && isForgotten(agent)
      ? { item: tombstoneOf(item, new Date()), outcome: "forgotten" }
      : { item, outcome: "restored" };
  }

  return {
    /**
     * Writes an item of the backup to the table if it is newer than the table's own item, or when rolling
     * back. The reported previous values are dropped, since changes between the backup and now are unknown.
     *
     * @throws UnreadableItemError, RestoreOvertakenError
     */
    restore: async (backup: Attributes): Promise<Restored> => {
      const { item, outcome } = wanted(backup);
      const key = keyOf(countIn(item));
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const present = await read(key);
        if (!isWanted(item, present, options)) {
          return "kept";
        }
        if (await replace(item, present)) {
          return outcome;
        }
      }
      throw new RestoreOvertakenError(`it changed during ${MAX_ATTEMPTS} attempts`);
    },

    /**
     * Gives an item of the table the new epoch unless it has it or a later one, which publishes its current
     * state. Tombstones do not change: there is nothing to publish.
     *
     * @throws UnreadableItemError, RestoreOvertakenError
     */
    republish: async (seen: Attributes): Promise<Republished> => {
      let present: Attributes | undefined = seen;
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        if (present === undefined || isTombstone(present)) {
          return "tombstone";
        }
        if (countIn(present).epoch >= epoch) {
          return "current";
        }
        // An item that this version cannot read could not be published.
        readItem(present);
        const key = keyOf(countIn(present));
        const { ExpressionAttributeValues: values, ...condition } = unchanged(present);
        const write = new UpdateItemCommand({
          TableName: tableName,
          Key: key,
          UpdateExpression: "SET #epoch = :epoch, #version = :one REMOVE reportedPrevious",
          ...condition,
          ExpressionAttributeValues: { ...values, ...marshall({ ":epoch": epoch, ":one": 1 }) },
        });
        if (await sendConditionally(write)) {
          return "republished";
        }
        present = await read(key);
      }
      throw new RestoreOvertakenError(`it changed during ${MAX_ATTEMPTS} attempts`);
    },
  };
}

/** @see createItemWrites */
export type ItemWrites = ReturnType<typeof createItemWrites>;
