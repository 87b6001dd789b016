import { createHash } from "node:crypto";

import { type AttributeValue, ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";

import { parseProductEvent } from "../../functions/availability/product-event.ts";
import { removalOrder, tombstoneExpiry } from "../../functions/availability/removal.ts";
import { isTombstone, type RemovalReason } from "../../functions/availability/state.ts";
import { writesOf } from "../../functions/ingest/item-writes.ts";
import { userId } from "../../functions/store/attributes.ts";
import type { Delivery } from "../../functions/store/item.ts";
import { readItem } from "../../functions/store/read-item.ts";
import { type ItemEvent, writeOf } from "../../functions/store/write.ts";
import { aTable } from "../fakes/table.ts";

/** One step in the history of an agent. Steps that are not deliveries affect the item that was written first. */
export type Step =
  | { readonly kind: "delivery"; readonly payload: unknown; readonly receivedAt: string }
  /** The item is deleted manually. */
  | { readonly kind: "deletion"; readonly at: string }
  /** A tombstone replaces the item. */
  | { readonly kind: "removal"; readonly reason: RemovalReason; readonly at: string }
  /** The item gets the agent's user ID, which is not a change. */
  | { readonly kind: "identification"; readonly userId: string; readonly at: string };

type Item = Record<string, AttributeValue>;

export interface TableWrite {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly at: string;
}

const digestOf = (payload: unknown) =>
  createHash("sha256").update(JSON.stringify(payload)).digest("base64url");

/**
 * Creates an in-memory table that evaluates the store's own expressions.
 *
 * @param hasCustomStatuses whether the account has the custom-status feature.
 */
export function createMemory(hasCustomStatuses: boolean) {
  const table = aTable();

  function write(event: ItemEvent, delivery: Delivery): TableWrite[] {
    try {
      table.update({ TableName: "agents", ...writeOf(event, delivery).input });
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return [];
      }
      throw error;
    }
    const images = table.images.at(-1);
    return images ? [{ ...images, at: delivery.receivedAt }] : [];
  }

  function deliver(payload: unknown, receivedAt: string): TableWrite[] {
    const event = parseProductEvent(payload, new Date(receivedAt));
    if (!event.ok) {
      throw new Error(`the payload must be valid: ${JSON.stringify(event.issues)}`);
    }
    const webhookId = `availability_${digestOf(payload)}`;
    const delivery = { receivedAt, webhookId, origin: "relay" } as const;
    return writesOf({ ...event, payload, index: 0, webhookId }, hasCustomStatuses).flatMap(
      ({ itemEvent }) => write(itemEvent, delivery),
    );
  }

  function remove(item: Item, reason: RemovalReason, at: string): TableWrite[] {
    const { accountId, availabilityId } = readItem(item);
    const microseconds = Date.parse(at) * 1000;
    const removal = {
      accountId,
      availabilityId,
      userId: item[userId]?.S ?? "",
      email: item["email"]?.S,
      ...removalOrder(availabilityId, microseconds),
      removedAt: at,
      removedBecause: reason,
      expiresAt: tombstoneExpiry(microseconds),
    };
    return write(removal, { receivedAt: at, webhookId: "", origin: "relay" });
  }

  /** Writes without a condition, as an operator or reconcile does. */
  function replace(key: string, after: Item | undefined, at: string): TableWrite[] {
    const before = table.items.get(key);
    table.items.delete(key);
    if (after) {
      table.items.set(key, after);
    }
    return [{ before, after, at }];
  }

  function applyTo([key, item]: [string, Item], step: Exclude<Step, { kind: "delivery" }>) {
    if (step.kind === "removal") {
      return remove(item, step.reason, step.at);
    }
    if (step.kind === "deletion") {
      return replace(key, undefined, step.at);
    }
    return isTombstone(readItem(item))
      ? []
      : replace(key, { ...item, [userId]: { S: step.userId } }, step.at);
  }

  return {
    /** Returns the writes of a step; none if a delivery is stale or nothing is stored. */
    apply(step: Step): TableWrite[] {
      if (step.kind === "delivery") {
        return deliver(step.payload, step.receivedAt);
      }
      const [first] = table.items;
      return first ? applyTo(first, step) : [];
    },
  };
}
