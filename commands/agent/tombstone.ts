import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import { expiresAt, removedAt, removedBecause } from "../../functions/store/attributes.ts";
import {
  createItemChanges,
  type Decision,
  type ItemKey,
} from "../../functions/store/item-changes.ts";
import { type Attributes, countIn } from "../../functions/store/read-item.ts";

/** Longer than any delivery can be late: a relay drops a parked event after a day. */
const TOMBSTONE_DAYS = 30;

const DAY_MS = 86_400_000;

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
  const changes = createItemChanges(client, tableName);

  return {
    /** Returns what is stored, and changes nothing. */
    look: async (key: ItemKey): Promise<Forgetting | { readonly kind: "known" }> => {
      const item = await changes.read(key);
      if (item === undefined) {
        return { kind: "unknown" };
      }
      return item[removedAt] === undefined
        ? { kind: "known" }
        : forgottenIn(item, "already-forgotten");
    },

    /**
     * Forgets an agent by one conditional write that counts as a version, so that no change is lost.
     *
     * @throws OvertakenError if the agent changed during every attempt; UnreadableItemError if the item lacks
     *   a version or an order triple.
     */
    forget: async (key: ItemKey): Promise<Forgetting> =>
      await changes.change(key, (item): Decision<Forgetting> => {
        if (item === undefined) {
          return { result: { kind: "unknown" } };
        }
        if (item[removedAt] !== undefined) {
          return { result: forgottenIn(item, "already-forgotten") };
        }
        const tombstone = tombstoneOf(item, new Date());
        return { result: forgottenIn(tombstone, "forgotten"), write: { put: tombstone } };
      }),
  };
}
