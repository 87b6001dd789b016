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
import { tombstoneOf } from "../forget/tombstones.ts";
import { type Attributes, countIn, readItem } from "../../functions/store/read-item.ts";

/** How often an item is looked at anew because a change of its agent came between. */
const TRIES = 20;

/** A restore of the table. */
export interface RestoreOptions {
  /**
   * Epoch milliseconds, later than every epoch before the restore: with it (`epoch`, `version`) grows. The
   * same for every run of one restore, so that a second run finds done what the first has done; another for
   * another restore, for what has this one already is left as it is.
   */
  readonly epoch: number;
  /** Whether what is restored counts also where the table holds something newer. */
  readonly rollBack: boolean;
  /** Whether an agent was forgotten, by the record of operators, after this state of it was received. */
  readonly isForgotten: (key: {
    accountId: string;
    availabilityId: string;
    receivedAt: string;
  }) => boolean;
}

/** What became of a restored item; `kept` where the table's own is as new, or newer. */
export type Restored = "restored" | "forgotten" | "kept";

/** What became of an item of the table; `current` where it has this epoch or a later one, `nobody` of a tombstone. */
export type Renewed = "renewed" | "current" | "nobody";

/** An item's changes come faster than it can be restored. Repeating is safe. */
export class RestoreOvertakenError extends Error {
  override readonly name = "RestoreOvertakenError";
}

const isTombstoneItem = (item: Attributes) => item[removedAt] !== undefined;

const keyOf = ({ accountId, availabilityId }: ReturnType<typeof countIn>) =>
  marshall({ [partitionKey]: accountId, [sortKey]: availabilityId });

/** Greater than all that was ever told of this agent. */
function nextCount(restored: Attributes, present: Attributes | undefined, options: RestoreOptions) {
  const earliest = Math.max(options.epoch, countIn(restored).epoch + 1);
  const known = present && countIn(present);
  return known === undefined || known.epoch < earliest
    ? { epoch: earliest, version: 1 }
    : { epoch: known.epoch, version: known.version + 1 };
}

function isWanted(
  restored: Attributes,
  present: Attributes | undefined,
  options: RestoreOptions,
): boolean {
  if (present === undefined) {
    return true;
  }
  const known = countIn(present);
  const comparison = compareChanges(countIn(restored), known);
  // What a forgetting has put there stays, and so does what this restore has put there before.
  const isOpen = options.rollBack && !isTombstoneItem(present) && known.epoch < options.epoch;
  return comparison > 0 || (isOpen && comparison !== 0);
}

/** Holds only while an item still is as it was read. */
const unchanged = (present: Attributes) => ({
  ExpressionAttributeNames: { "#epoch": "epoch", "#version": "version" },
  ExpressionAttributeValues: marshall({
    ":knownEpoch": countIn(present).epoch,
    ":knownVersion": countIn(present).version,
  }),
  ConditionExpression: "#epoch = :knownEpoch AND #version = :knownVersion",
});

/** Puts items of a backup into the table of that name, as writes like any other: counted, conditional, told. */
export function createRestore(client: DynamoDBClient, tableName: string, options: RestoreOptions) {
  const { epoch, isForgotten } = options;

  async function read(key: Record<string, AttributeValue>): Promise<Attributes | undefined> {
    const { Item: item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true }),
    );
    return item;
  }

  /** @returns whether the item still was as it was read. */
  async function sent(write: PutItemCommand | UpdateItemCommand): Promise<boolean> {
    try {
      // One by one, since the client's overloads know no union.
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
    return await sent(
      new PutItemCommand({
        TableName: tableName,
        Item: { ...kept, ...marshall(nextCount(item, present, options)) },
        ...(present
          ? unchanged(present)
          : { ConditionExpression: `attribute_not_exists(${partitionKey})` }),
      }),
    );
  }

  /** What is to be there of a backup's item: nothing but a tombstone, if the agent was forgotten since. */
  function due(item: Attributes): { readonly item: Attributes; readonly outcome: Restored } {
    const agent = readItem(item);
    return "receivedAt" in agent && isForgotten(agent)
      ? { item: tombstoneOf(item, new Date()), outcome: "forgotten" }
      : { item, outcome: "restored" };
  }

  return {
    /**
     * Puts a backup's item into the table if it is newer than the table's own, or in any case when rolling
     * back. Says of no item what it was before its last change: between the two nobody was watching.
     *
     * @throws UnreadableItemError, RestoreOvertakenError
     */
    restore: async (backup: Attributes): Promise<Restored> => {
      const { item, outcome } = due(backup);
      const key = keyOf(countIn(item));
      for (let tries = 0; tries < TRIES; tries += 1) {
        const present = await read(key);
        if (!isWanted(item, present, options)) {
          return "kept";
        }
        if (await replace(item, present)) {
          return outcome;
        }
      }
      throw new RestoreOvertakenError(`changes came between ${TRIES} times`);
    },

    /**
     * Gives an item of the table the new epoch, if it has an older one, and so publishes its present state.
     * Tombstones stay as they are: of them there is nothing to tell.
     *
     * @throws UnreadableItemError, RestoreOvertakenError
     */
    renew: async (seen: Attributes): Promise<Renewed> => {
      let present: Attributes | undefined = seen;
      for (let tries = 0; tries < TRIES; tries += 1) {
        if (present === undefined || isTombstoneItem(present)) {
          return "nobody";
        }
        if (countIn(present).epoch >= epoch) {
          return "current";
        }
        // What this version cannot read it cannot publish either.
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
        if (await sent(write)) {
          return "renewed";
        }
        present = await read(key);
      }
      throw new RestoreOvertakenError(`changes came between ${TRIES} times`);
    },
  };
}

/** @see createRestore */
export type Restore = ReturnType<typeof createRestore>;
