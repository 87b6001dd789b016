import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import type { HistoryFacts, HistoryRow, PositionedFacts } from "../availability/history.ts";
import { historyExpiresAt, historyPartitionKey, historySortKey } from "./history-attributes.ts";
import { historyPartitionOf, historyPositionOf } from "./read-history-item.ts";

const DAY_SECONDS = 86_400;

/** Returns the key of a change. The same change always has the same key, so writing it again is safe. */
export function historyKeyOf(row: HistoryRow): Record<string, AttributeValue> {
  return {
    [historyPartitionKey]: { S: historyPartitionOf(row) },
    [historySortKey]: { S: historyPositionOf(row) },
  };
}

/** `channels` as a `Map`: `marshall` mistakes an object with a channel named `constructor` for a class instance. */
const storedFacts = (facts: HistoryFacts | PositionedFacts | undefined) =>
  facts && { ...facts, channels: new Map(Object.entries(facts.channels)) };

/** Returns a change as an item of the history table, which expires `days` days after the change. */
export function historyItemOf(row: HistoryRow, days: number): Record<string, AttributeValue> {
  const { userId, before, after, removedBecause, gap, origin, actorType, occurredAt } = row;
  const attributes = {
    userId,
    before: storedFacts(before),
    after: storedFacts(after),
    removedBecause,
    gap,
    origin,
    actorType,
    [historyExpiresAt]: Math.floor(Date.parse(occurredAt) / 1000) + days * DAY_SECONDS,
  };
  return { ...historyKeyOf(row), ...marshall(attributes, { removeUndefinedValues: true }) };
}
