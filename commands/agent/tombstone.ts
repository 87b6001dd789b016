import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import {
  expiresAt,
  partitionKey,
  removedAt,
  removedBecause,
  sortKey,
} from "../../functions/store/attributes.ts";
import { type Attributes, countIn } from "../../functions/store/read-item.ts";

/** Longer than any delivery can be late: a relay drops a parked event after a day. */
const TOMBSTONE_DAYS = 30;

const DAY_MS = 86_400_000;

/** How often forgetting is retried if the agent changes at the same time. */
const MAX_ATTEMPTS = 20;

/** The key of an agent in the table. */
export interface AgentKey {
  readonly accountId: string;
  readonly availabilityId: string;
}

/** A forgotten agent. Times are ISO 8601 UTC. */
export interface Forgotten {
  /** `already-forgotten` if there was a tombstone before: the times are the tombstone's. */
  readonly kind: "forgotten" | "already-forgotten";
  readonly version: number;
  readonly removedAt: string;
  /** When DynamoDB may delete the tombstone. */
  readonly expiresAt: string;
}

/** The outcome of forgetting; `unknown` if nothing is stored. */
export type Forgetting = Forgotten | { readonly kind: "unknown" };

/** The agent changed during every attempt. Repeating is safe. */
export class OvertakenError extends Error {
  override readonly name = "OvertakenError";
}

/**
 * Returns the tombstone of an item: IDs, epoch, version and order triple, and nothing else, whatever was
 * stored. The order triple blocks late deliveries of older events.
 */
export function tombstoneOf(item: Attributes, at: Date): Record<string, AttributeValue> {
  const { version, ...kept } = countIn(item);
  return marshall({
    ...kept,
    version: version + 1,
    [removedAt]: at.toISOString(),
    [removedBecause]: "forgotten",
    // Time to live needs whole seconds.
    [expiresAt]: Math.floor((at.getTime() + TOMBSTONE_DAYS * DAY_MS) / 1000),
  });
}

function forgottenIn(item: Attributes, kind: Forgotten["kind"]): Forgotten {
  return {
    kind,
    version: Number(item["version"]?.N),
    removedAt: item[removedAt]?.S ?? "",
    expiresAt: new Date(Number(item[expiresAt]?.N) * 1000).toISOString(),
  };
}

/** Returns what forgets agents of a table. */
export function createForget(client: DynamoDBClient, tableName: string) {
  async function read({ accountId, availabilityId }: AgentKey): Promise<Attributes | undefined> {
    const { Item: item } = await client.send(
      new GetItemCommand({
        TableName: tableName,
        Key: marshall({ [partitionKey]: accountId, [sortKey]: availabilityId }),
        ConsistentRead: true,
      }),
    );
    return item;
  }

  /** Replaces an item by its tombstone unless it has changed. @returns whether it was replaced. */
  async function replace(item: Attributes, tombstone: Record<string, AttributeValue>) {
    try {
      await client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: tombstone,
          ConditionExpression: "#epoch = :epoch AND #version = :version",
          ExpressionAttributeNames: { "#epoch": "epoch", "#version": "version" },
          ExpressionAttributeValues: {
            ":epoch": item["epoch"] ?? { NULL: true },
            ":version": item["version"] ?? { NULL: true },
          },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return false;
      }
      throw error;
    }
  }

  /** Returns what is stored, and changes nothing. */
  async function look(key: AgentKey): Promise<Forgetting | { readonly kind: "known" }> {
    const item = await read(key);
    if (item === undefined) {
      return { kind: "unknown" };
    }
    return item[removedAt] === undefined
      ? { kind: "known" }
      : forgottenIn(item, "already-forgotten");
  }

  /**
   * Forgets an agent by one conditional write that counts as a version, so that no change is lost.
   *
   * @throws OvertakenError if the agent changed during every attempt; UnreadableItemError if the item lacks
   *   a version or an order triple.
   */
  async function forget(key: AgentKey): Promise<Forgetting> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const item = await read(key);
      if (item === undefined) {
        return { kind: "unknown" };
      }
      if (item[removedAt] !== undefined) {
        return forgottenIn(item, "already-forgotten");
      }
      const tombstone = tombstoneOf(item, new Date());
      if (await replace(item, tombstone)) {
        return forgottenIn(tombstone, "forgotten");
      }
    }
    throw new OvertakenError(`it changed during ${MAX_ATTEMPTS} attempts`);
  }

  return { look, forget };
}
