import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import { kindOf } from "../../functions/availability/item-kind.ts";
import { removalOrder, tombstoneExpiry } from "../../functions/availability/removal.ts";
import type { RemovalReason } from "../../functions/availability/state.ts";
import { expiresAt, removedAt, removedBecause } from "../../functions/store/attributes.ts";
import { createItemChanges, type Decision } from "../../functions/store/item-changes.ts";
import type { ItemKey } from "../../functions/store/item-key.ts";
import { type Attributes, headerOf } from "../../functions/store/read-item.ts";

const FORGOTTEN: RemovalReason = "forgotten";

/** A forgotten item. Times are ISO 8601 UTC. */
export interface ForgottenItem {
  /** `already-forgotten` if a tombstone existed before; the times are then those of that tombstone. */
  readonly kind: "forgotten" | "already-forgotten";
  readonly version: number;
  readonly removedAt: string;
  /** When DynamoDB may delete the tombstone. */
  readonly expiresAt: string;
}

/** The outcome of forgetting; `unknown` if nothing is stored. */
export type ForgetOutcome = ForgottenItem | { readonly kind: "unknown" };

/**
 * Returns the tombstone of a forgotten item: key, epoch, version, and the time of the removal as the order
 * triple. It contains nothing else, whatever was stored. Every event raised before the removal is stale.
 *
 * @param item the stored item, if there is one.
 * @throws UnreadableItemError if the item lacks a version or an order triple.
 */
export function tombstoneOf(
  { accountId, availabilityId }: ItemKey,
  item: Attributes | undefined,
  at: Date,
): Record<string, AttributeValue> {
  const header = item && headerOf(item);
  return marshall({
    accountId,
    availabilityId,
    epoch: header?.epoch ?? at.getTime(),
    version: (header?.version ?? 0) + 1,
    ...removalOrder(availabilityId, at.getTime() * 1000, header),
    [removedAt]: at.toISOString(),
    [removedBecause]: FORGOTTEN,
    [expiresAt]: tombstoneExpiry(at.getTime() * 1000),
  });
}

function readForgotten(item: Attributes, kind: ForgottenItem["kind"]): ForgottenItem {
  return {
    kind,
    version: Number(item["version"]?.N),
    removedAt: item[removedAt]?.S ?? "",
    expiresAt: new Date(Number(item[expiresAt]?.N) * 1000).toISOString(),
  };
}

const isForgotten = (item: Attributes) => item[removedBecause]?.S === FORGOTTEN;

export function createForget(client: DynamoDBClient, tableName: string) {
  const changes = createItemChanges(client, tableName);

  return {
    /** Returns what is stored without changing it. An item that was removed for another reason is `known`. */
    inspect: async (key: ItemKey): Promise<ForgetOutcome | { readonly kind: "known" }> => {
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
     * @param force whether a tombstone is written even if the item is already forgotten or does not exist, since
     *   only the record of a new tombstone deletes the item's history.
     * @throws OvertakenError if the item changed during every attempt; UnreadableItemError if it lacks a
     *   version or an order triple.
     */
    forget: async (key: ItemKey, force = false): Promise<ForgetOutcome> =>
      await changes.change(key, (item): Decision<ForgetOutcome> => {
        if (!force && item === undefined && kindOf(key.availabilityId) === "availability") {
          return { result: { kind: "unknown" } };
        }
        if (!force && item !== undefined && isForgotten(item)) {
          return { result: readForgotten(item, "already-forgotten") };
        }
        const tombstone = tombstoneOf(key, item, new Date());
        return { result: readForgotten(tombstone, "forgotten"), write: { put: tombstone } };
      }),
  };
}
