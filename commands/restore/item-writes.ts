import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import { compareChanges } from "../../functions/availability/change.ts";
import { removedAt } from "../../functions/store/attributes.ts";
import { createItemChanges, type Decision } from "../../functions/store/item-changes.ts";
import { type Attributes, headerOf, readItem } from "../../functions/store/read-item.ts";
import { tombstoneOf } from "../agent/tombstone.ts";
import type { createForgottenCheck } from "../shared/forgotten-agents.ts";

export interface ItemWriteOptions {
  /**
   * Epoch milliseconds, later than every epoch before the restore, so that (`epoch`, `version`) increases.
   * A resumed restore has the same epoch, and therefore skips what is done. A new restore has a new epoch.
   */
  readonly epoch: number;
  /** Whether the backup overwrites newer state of the table. */
  readonly rollBack: boolean;
  /** Returns whether the agent was forgotten after this state was received, according to the audit log. */
  readonly isForgotten: ReturnType<typeof createForgottenCheck>;
}

/** The outcome for an item of the backup; `kept` if the table has the same or newer state. */
export type RestoreOutcome = "restored" | "forgotten" | "kept";

/** The outcome for an item of the table; `current` if it already has this epoch or a later one. */
export type RepublishOutcome = "republished" | "current" | "tombstone";

const isTombstone = (item: Attributes) => item[removedAt] !== undefined;

/** Returns an (`epoch`, `version`) that is greater than every published one of this agent. */
function nextVersion(
  backupItem: Attributes,
  storedItem: Attributes | undefined,
  options: ItemWriteOptions,
) {
  const earliest = Math.max(options.epoch, headerOf(backupItem).epoch + 1);
  const known = storedItem && headerOf(storedItem);
  return known === undefined || known.epoch < earliest
    ? { epoch: earliest, version: 1 }
    : { epoch: known.epoch, version: known.version + 1 };
}

function shouldRestore(
  backupItem: Attributes,
  storedItem: Attributes | undefined,
  options: ItemWriteOptions,
): boolean {
  if (storedItem === undefined) {
    return true;
  }
  const [backupHeader, presentHeader] = [headerOf(backupItem), headerOf(storedItem)];
  // Tombstones stay, and so do items that this restore has already written.
  const canBeOverwritten =
    options.rollBack && !isTombstone(storedItem) && presentHeader.epoch < options.epoch;
  const comparison = compareChanges(backupHeader, presentHeader);
  // A repair by reconcile increases the version, and keeps the item's place in the order of events.
  const isSameVersion =
    presentHeader.epoch === backupHeader.epoch && presentHeader.version === backupHeader.version;
  return comparison > 0 || (canBeOverwritten && !(comparison === 0 && isSameVersion));
}

/**
 * Creates the functions that restore and republish items by conditional writes, which are published like any
 * other.
 */
export function createItemWrites(
  client: DynamoDBClient,
  tableName: string,
  options: ItemWriteOptions,
) {
  const { epoch, isForgotten } = options;
  const changes = createItemChanges(client, tableName);

  /** Returns the item to write: a tombstone if the agent was forgotten after the backup. */
  function itemToWrite(item: Attributes): {
    readonly item: Attributes;
    readonly outcome: RestoreOutcome;
  } {
    const agent = readItem(item);
    return "receivedAt" in agent && isForgotten(agent)
      ? { item: tombstoneOf(agent, item, new Date()), outcome: "forgotten" }
      : { item, outcome: "restored" };
  }

  return {
    /**
     * Writes an item of the backup to the table if it is newer than the table's own item, or when rolling
     * back. The reported previous values are dropped, since changes between the backup and now are unknown.
     *
     * @throws UnreadableItemError, OvertakenError
     */
    restore: async (backupItem: Attributes): Promise<RestoreOutcome> => {
      const { item, outcome } = itemToWrite(backupItem);
      const { reportedPrevious: _reported, ...attributes } = item;
      return await changes.change(headerOf(item), (storedItem): Decision<RestoreOutcome> => {
        // Compares the backup itself: a tombstone written now would be newer than any event of the agent.
        if (!shouldRestore(backupItem, storedItem, options)) {
          return { result: "kept" };
        }
        const put = { ...attributes, ...marshall(nextVersion(item, storedItem, options)) };
        return { result: outcome, write: { put } };
      });
    },

    /**
     * Gives an item of the table the new epoch unless it has it or a later one, which publishes its current
     * state. Tombstones do not change: there is nothing to publish.
     *
     * @throws UnreadableItemError, OvertakenError
     */
    republish: async (scanned: Attributes): Promise<RepublishOutcome> => {
      const decide = (storedItem: Attributes | undefined): Decision<RepublishOutcome> => {
        if (storedItem === undefined || isTombstone(storedItem)) {
          return { result: "tombstone" };
        }
        if (headerOf(storedItem).epoch >= epoch) {
          return { result: "current" };
        }
        // An item that this version of the hub cannot read could not be published.
        readItem(storedItem);
        const update = "SET #epoch = :epoch, #version = :one REMOVE reportedPrevious";
        const values = marshall({ ":epoch": epoch, ":one": 1 });
        return { result: "republished", write: { update, values } };
      };
      return isTombstone(scanned)
        ? "tombstone"
        : await changes.change(headerOf(scanned), decide, scanned);
    },
  };
}

export type ItemWrites = ReturnType<typeof createItemWrites>;
