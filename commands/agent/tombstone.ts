import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import { kindOf } from "../../functions/availability/item-kind.ts";
import { removalOrder, tombstoneExpiry } from "../../functions/availability/removal.ts";
import type { RemovalReason } from "../../functions/availability/state.ts";
import { expiresAt, removedAt, removedBecause } from "../../functions/store/attributes.ts";
import { createItemChanges, type Decision } from "../../functions/store/item-changes.ts";
import type { ItemKey } from "../../functions/store/item-key.ts";
import { type Attributes, countIn } from "../../functions/store/read-item.ts";

const FORGOTTEN: RemovalReason = "forgotten";

/** A forgotten item. Times are ISO 8601 UTC. */
export interface Forgotten {
  /** `already-forgotten` if there was such a tombstone before: the times are the tombstone's. */
  readonly kind: "forgotten" | "already-forgotten";
  readonly version: number;
  readonly removedAt: string;
  /** When DynamoDB may delete the tombstone. */
  readonly expiresAt: string;
}

/** The outcome of forgetting; `unknown` if nothing is stored. */
export type Forgetting = Forgotten | { readonly kind: "unknown" };

/**
 * Returns the tombstone of a forgotten item: key, epoch, version, and the time of the removal as order
 * triple, and nothing else, whatever was stored. Every event raised before the removal is stale.
 *
 * @param item what is stored, if anything.
 * @throws UnreadableItemError if the item lacks a version or an order triple.
 */
export function tombstoneOf(
  { accountId, availabilityId }: ItemKey,
  item: Attributes | undefined,
  at: Date,
): Record<string, AttributeValue> {
  const count = item && countIn(item);
  return marshall({
    accountId,
    availabilityId,
    epoch: count?.epoch ?? at.getTime(),
    version: (count?.version ?? 0) + 1,
    ...removalOrder(availabilityId, at.getTime() * 1000, count),
    [removedAt]: at.toISOString(),
    [removedBecause]: FORGOTTEN,
    [expiresAt]: tombstoneExpiry(at.getTime() * 1000),
  });
}

function readForgotten(item: Attributes, kind: Forgotten["kind"]): Forgotten {
  return {
    kind,
    version: Number(item["version"]?.N),
    removedAt: item[removedAt]?.S ?? "",
    expiresAt: new Date(Number(item[expiresAt]?.N) * 1000).toISOString(),
  };
}

const isForgotten = (item: Attributes) => item[removedBecause]?.S === FORGOTTEN;

/** Returns what forgets agents of a table. */
export function createForget(client: DynamoDBClient, tableName: string) {
  const changes = createItemChanges(client, tableName);

  return {
    /** Reads the item of a key consistently; `undefined` if nothing is stored. */
    read: async (key: ItemKey): Promise<Attributes | undefined> => await changes.read(key),

    /** Returns what is stored, and changes nothing. An item that was removed for another reason is `known`. */
    look: async (key: ItemKey): Promise<Forgetting | { readonly kind: "known" }> => {
      const item = await changes.read(key);
      if (item === undefined) {
        return { kind: "unknown" };
      }
      return isForgotten(item) ? readForgotten(item, "already-forgotten") : { kind: "known" };
    },

    /**
     * Forgets one item by one conditional write that counts as a version, so that no change is lost. A
     * `user:` item or session is forgotten even if it does not exist, so that no late event creates it.
     *
     * @param again whether a tombstone is written even if the item is already forgotten or does not exist, since
     *   only the record of a new tombstone deletes the item's history.
     * @throws OvertakenError if the item changed during every attempt; UnreadableItemError if it lacks a
     *   version or an order triple.
     */
    forget: async (key: ItemKey, again = false): Promise<Forgetting> =>
      await changes.change(key, (item): Decision<Forgetting> => {
        if (!again && item === undefined && kindOf(key.availabilityId) === "availability") {
          return { result: { kind: "unknown" } };
        }
        if (!again && item !== undefined && isForgotten(item)) {
          return { result: readForgotten(item, "already-forgotten") };
        }
        const tombstone = tombstoneOf(key, item, new Date());
        return { result: readForgotten(tombstone, "forgotten"), write: { put: tombstone } };
      }),
  };
}
