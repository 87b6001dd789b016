import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import { expiresAt, partitionKey, removedAt, sortKey } from "../../functions/store/attributes.ts";
import { type Attributes, countIn } from "../../functions/store/read-item.ts";

/** Longer than any delivery can be late: a relay gives up what it has parked after a day. */
const TOMBSTONE_DAYS = 30;

const DAY_MS = 86_400_000;

/** How often forgetting begins anew because a change of the agent came between. */
const TRIES = 20;

/** Whom to forget. */
export interface AgentKey {
  readonly accountId: string;
  readonly availabilityId: string;
}

/** That an agent is forgotten. Times are ISO 8601 UTC. */
export interface Forgotten {
  /** `earlier` where it had been forgotten before: the times are those of then. */
  readonly kind: "forgotten" | "earlier";
  readonly version: number;
  readonly removedAt: string;
  /** When DynamoDB may delete the tombstone. */
  readonly expiresAt: string;
}

/** What became of it; `unknown` where nothing is stored. */
export type Forgetting = Forgotten | { readonly kind: "unknown" };

/** The agent's changes come faster than it can be forgotten. Repeating is safe. */
export class OvertakenError extends Error {
  override readonly name = "OvertakenError";
}

/**
 * What is left of a forgotten agent: its ids, its count, its place in the order of changes, and nothing
 * else, whatever was stored. The place keeps late deliveries of what it has forgotten from coming back.
 */
export function tombstoneOf(item: Attributes, at: Date): Record<string, AttributeValue> {
  const { version, ...kept } = countIn(item);
  return marshall({
    ...kept,
    version: version + 1,
    [removedAt]: at.toISOString(),
    // Whole seconds, as time to live wants them.
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

/** Forgets agents of the table of that name. Not part of any function: operators do it. */
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

  /** Replaces an item by its tombstone, if it still is as it was read. @returns whether it was. */
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

  /** What there is to forget, before it is done. */
  async function look(key: AgentKey): Promise<Forgetting | { readonly kind: "known" }> {
    const item = await read(key);
    if (item === undefined) {
      return { kind: "unknown" };
    }
    return item[removedAt] === undefined ? { kind: "known" } : forgottenIn(item, "earlier");
  }

  /**
   * Forgets an agent: a write like a change's, counted and conditional, so that no change is lost in it.
   *
   * @throws OvertakenError when changes came between again and again; UnreadableItemError when the item
   *   lacks what places and counts it.
   */
  async function forget(key: AgentKey): Promise<Forgetting> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const item = await read(key);
      if (item === undefined) {
        return { kind: "unknown" };
      }
      if (item[removedAt] !== undefined) {
        return forgottenIn(item, "earlier");
      }
      const tombstone = tombstoneOf(item, new Date());
      if (await replace(item, tombstone)) {
        return forgottenIn(tombstone, "forgotten");
      }
    }
    throw new OvertakenError(`changes came between ${TRIES} times`);
  }

  return { look, forget };
}
