import type {
  HistoryFacts,
  HistoryPosition,
  HistoryRow,
  PositionedFacts,
} from "../availability/history.ts";
import { type RemovalReason, removalReasons } from "../availability/state.ts";
import { historyPartitionKey, historySortKey } from "./history-attributes.ts";
import type { ItemKey } from "./item-key.ts";
import {
  type Attributes,
  booleanAt,
  mapAt,
  numberAt,
  requiredValue,
  textAt,
  UnreadableItemError,
} from "./read-attribute.ts";
import { readStatus } from "./read-item.ts";

/** Returns the partition of an item's changes. An account ID contains digits only. */
export const historyPartitionOf = ({ accountId, availabilityId }: ItemKey): string =>
  `${accountId}#${availabilityId}`;

/** Returns the sort key of a change. Keys of different times sort by time. */
export const historyPositionOf = ({ occurredAt, epoch, version }: HistoryPosition): string =>
  `${occurredAt}#${epoch}#${version}`;

const PARTITION = /^([^#]+)#(.+)$/s;
const POSITION = /^(\d{4}-[^#]+Z)#(\d+)#(\d+)$/;

/**
 * Parses the sort key of a change.
 *
 * @throws UnreadableItemError if it is not in the format that this version writes.
 */
export function readHistoryPosition(item: Attributes): HistoryPosition {
  const position = POSITION.exec(textAt(item, historySortKey) ?? "");
  if (position === null) {
    throw new UnreadableItemError(historySortKey, "in the form TIME#EPOCH#VERSION");
  }
  const [, occurredAt = "", epoch, version] = position;
  return { occurredAt, epoch: Number(epoch), version: Number(version) };
}

function keyIn(item: Attributes) {
  const partition = PARTITION.exec(textAt(item, historyPartitionKey) ?? "");
  if (partition === null) {
    throw new UnreadableItemError(historyPartitionKey, "in the form ACCOUNT_ID#AVAILABILITY_ID");
  }
  const [, accountId = "", availabilityId = ""] = partition;
  return { accountId, availabilityId, ...readHistoryPosition(item) };
}

function readFacts(facts: Attributes, path: string): HistoryFacts {
  const channels = requiredValue(mapAt(facts, "channels", `${path}.channels`), `${path}.channels`);
  return {
    status: readStatus(facts, path),
    loggedIn: booleanAt(facts, "loggedIn", `${path}.loggedIn`),
    statedAt: numberAt(facts, "statedAt", `${path}.statedAt`),
    channels: Object.fromEntries(
      Object.keys(channels).map((name) => {
        const at = `${path}.channels.${name}`;
        return [name, requiredValue(booleanAt(channels, name, at), at)];
      }),
    ),
  };
}

function beforeIn(item: Attributes): PositionedFacts | undefined {
  const before = mapAt(item, "before");
  return (
    before && {
      ...readFacts(before, "before"),
      occurredAt: requiredValue(
        textAt(before, "occurredAt", "before.occurredAt"),
        "before.occurredAt",
      ),
      epoch: numberAt(before, "epoch", "before.epoch"),
      version: numberAt(before, "version", "before.version"),
    }
  );
}

function removedBecauseIn(item: Attributes): HistoryRow["removedBecause"] {
  const stored = textAt(item, "removedBecause");
  const allowed: readonly (RemovalReason | "item-deleted")[] = ["item-deleted", ...removalReasons];
  const reason = allowed.find((each) => each === stored);
  if (stored !== undefined && reason === undefined) {
    throw new UnreadableItemError("removedBecause", `one of ${allowed.join(", ")}`);
  }
  return reason;
}

/**
 * Parses a change in the history.
 *
 * @throws UnreadableItemError if an attribute is not in the format that this version writes.
 */
export function readHistoryItem(item: Attributes): HistoryRow {
  const after = mapAt(item, "after");
  const actorType = textAt(item, "actorType");
  return {
    ...keyIn(item),
    userId: textAt(item, "userId"),
    before: beforeIn(item),
    after: after && readFacts(after, "after"),
    removedBecause: removedBecauseIn(item),
    gap: requiredValue(booleanAt(item, "gap"), "gap"),
    origin: textAt(item, "origin"),
    actorType: actorType === "agent" || actorType === "system" ? actorType : undefined,
  };
}
