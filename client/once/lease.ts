import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

import { LeaseLostError } from "./once-error.ts";

/** An event's ID and its place in the order of its agent's events. */
export interface EventPosition {
  /** `metadata.id`. */
  readonly id: string;
  readonly epoch: number;
  readonly version: number;
}

/** The exclusive right to process an event. It ends when it is completed or released, or when it expires. */
export interface Lease {
  /** Partition key of the item: the consumer and the events that are ordered together. */
  readonly key: string;
  /** Identifies the holder. */
  readonly token: string;
  readonly position: EventPosition;
  /** IDs of the events of the same version that were processed before. */
  readonly processedIds: readonly string[];
}

export type AcquireResult =
  | { readonly outcome: "acquired"; readonly lease: Lease }
  /** The event was processed before. */
  | { readonly outcome: "duplicate" }
  /** A newer event was processed before. */
  | { readonly outcome: "stale" }
  /** Another event with the same key is being processed. */
  | { readonly outcome: "busy" };

/** Arguments of `acquire`. Times are epoch milliseconds. */
export interface LeaseRequest {
  readonly key: string;
  readonly token: string;
  readonly position: EventPosition;
  readonly now: number;
  /** Time at which the holder can no longer be running. */
  readonly expiresAt: number;
}

type Item = Readonly<Record<string, AttributeValue>>;

/**
 * The lease is free, has expired because its holder crashed, or is our own: the SDK retries a request whose
 * response was lost, and the retry finds what the first attempt wrote.
 */
const FREE_CONDITION =
  "(attribute_not_exists(leaseExpiresAt) OR leaseExpiresAt < :now OR leaseToken = :token)";

/** The event is newer than all that were processed, or of the newest version and not processed yet. */
const NEXT_CONDITION = [
  "attribute_not_exists(version)",
  "epoch < :epoch",
  "(epoch = :epoch AND version < :version)",
  "(epoch = :epoch AND version = :version AND NOT contains(processedIds, :id))",
].join(" OR ");

const numberAttribute = (value: number): AttributeValue => ({ N: String(value) });

/** Returns a negative number if the event is older than the last processed one, 0 if equal, else a positive one. */
function compareToLast({ epoch, version }: EventPosition, item: Item): number {
  const lastEpoch = Number(item["epoch"]?.N ?? -1);
  const lastVersion = Number(item["version"]?.N ?? -1);
  return epoch === lastEpoch ? version - lastVersion : epoch - lastEpoch;
}

/** Returns the IDs of the processed events of the event's own version. */
function readProcessedIds(item: Item, position: EventPosition): readonly string[] {
  return compareToLast(position, item) === 0 ? (item["processedIds"]?.SS ?? []) : [];
}

/** Returns the reason that a lease's condition failed, from the item that it failed on. */
function conditionFailureOf(item: Item, position: EventPosition): "duplicate" | "stale" | "busy" {
  if (compareToLast(position, item) < 0) {
    return "stale";
  }
  return readProcessedIds(item, position).includes(position.id) ? "duplicate" : "busy";
}

/** A write to the item of a key. */
interface ConditionalUpdate {
  readonly update: string;
  readonly condition: string;
  readonly values: Record<string, AttributeValue>;
}

/**
 * Manages leases in a DynamoDB table with one item for each agent and consumer. The item holds the highest
 * processed version, the IDs of its events, and the current lease. One conditional write checks and updates
 * all three.
 *
 * @param retentionSeconds how long an item is kept after its last event.
 */
export function createLeaseTable(
  client: DynamoDBClient,
  tableName: string,
  retentionSeconds: number,
) {
  /** Returns the item before the write, and whether its condition was met. */
  async function write(key: string, { update, condition, values }: ConditionalUpdate) {
    try {
      const { Attributes: old = {} } = await client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: { id: { S: key } },
          UpdateExpression: update,
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
          ReturnValues: "ALL_OLD",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return { isApplied: true, old };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return { isApplied: false, old: error.Item ?? {} };
      }
      throw error;
    }
  }

  return {
    /** Acquires the lease of an event, or returns the reason that it is not available. */
    async acquire({ key, token, position, now, expiresAt }: LeaseRequest): Promise<AcquireResult> {
      const { isApplied, old } = await write(key, {
        update: "SET leaseToken = :token, leaseExpiresAt = :expiresAt, expiration = :expiration",
        condition: `${FREE_CONDITION} AND (${NEXT_CONDITION})`,
        values: {
          ":token": { S: token },
          ":expiresAt": numberAttribute(expiresAt),
          ":expiration": numberAttribute(Math.ceil(now / 1000) + retentionSeconds),
          ":now": numberAttribute(now),
          ":id": { S: position.id },
          ":epoch": numberAttribute(position.epoch),
          ":version": numberAttribute(position.version),
        },
      });
      if (!isApplied) {
        return { outcome: conditionFailureOf(old, position) };
      }
      const processedIds = readProcessedIds(old, position);
      return { outcome: "acquired", lease: { key, token, position, processedIds } };
    },

    /**
     * Records the event as processed and ends the lease.
     *
     * @throws LeaseLostError if another invocation has acquired the expired lease, or the item was deleted.
     */
    async complete({ key, token, position, processedIds }: Lease): Promise<void> {
      const { isApplied, old } = await write(key, {
        update:
          "SET epoch = :epoch, version = :version, processedIds = :ids REMOVE leaseToken, leaseExpiresAt",
        condition: "leaseToken = :token",
        values: {
          ":token": { S: token },
          ":epoch": numberAttribute(position.epoch),
          ":version": numberAttribute(position.version),
          ":ids": { SS: [...processedIds, position.id] },
        },
      });
      // If the SDK retries a request whose response was lost, the retry finds the event recorded.
      if (!isApplied && conditionFailureOf(old, position) === "busy") {
        throw new LeaseLostError(position.id);
      }
    },

    /** Ends the lease without recording the event. Has no effect if another invocation holds the lease. */
    async release({ key, token }: Lease): Promise<void> {
      await write(key, {
        update: "REMOVE leaseToken, leaseExpiresAt",
        condition: "leaseToken = :token",
        values: { ":token": { S: token } },
      });
    },
  };
}
