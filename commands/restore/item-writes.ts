import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import { compareChanges } from "../../functions/availability/change.ts";
import { removedAt } from "../../functions/store/attributes.ts";
import { createItemChanges, type Decision } from "../../functions/store/item-changes.ts";
import { type Attributes, headerOf, readItem } from "../../functions/store/read-item.ts";
import { tombstoneOf } from "../agent/tombstone.ts";

export interface ItemWriteOptions {
  /**
   * Epoch milliseconds, later than every epoch before the restore, so that (`epoch`, `version`) increases.
   * A resumed restore has the same epoch, and therefore skips what is done. Another restore has another one.
   */
  readonly epoch: number;
  /** Whether the backup overwrites newer state of the table. */
  readonly rollBack: boolean;
  /** Returns whether, by the audit log, the agent was forgotten after this state was received. */
  readonly isForgotten: (key: {
    accountId: string;
    availabilityId: string;
    receivedAt: string;
  }) => boolean;
}

/** The outcome for an item of the backup; `kept` if the table has the same or newer state. */
export type RestoreOutcome = "restored" | "forgotten" | "kept";

/** The outcome for an item of the table; `current` if it already has this epoch or a later one. */
export type RepublishOutcome = "republished" | "current" | "tombstone";

const isTombstone = (item: Attributes) => item[removedAt] !== undefined;

/** Returns an (`epoch`, `version`) that is greater than every published one of this agent. */
function nextVersion(
  backup: Attributes,
  present: Attributes | undefined,
  options: ItemWriteOptions,
) {
  const earliest = Math.max(options.epoch, headerOf(backup).epoch + 1);
  const known = present && headerOf(present);
  return known === undefined || known.epoch < earliest
    ? { epoch: earliest, version: 1 }
    : { epoch: known.epoch, version: known.version + 1 };
}

function shouldRestore(
  backup: Attributes,
  present: Attributes | undefined,
  options: ItemWriteOptions,
): boolean {
  if (present === undefined) {
    return true;
  }
  const [backupHeader, presentHeader] = [headerOf(backup), headerOf(present)];
  // Tombstones stay, and so does what this restore has already written.
  const canBeOverwritten =
    options.rollBack && !isTombstone(present) && presentHeader.epoch < options.epoch;
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
    restore: async (backup: Attributes): Promise<RestoreOutcome> => {
      const { item, outcome } = itemToWrite(backup);
      const { reportedPrevious: _reported, ...attributes } = item;
      return await changes.change(headerOf(item), (present): Decision<RestoreOutcome> => {
        // Compares the backup itself: a tombstone written now would be newer than any event of the agent.
        if (!shouldRestore(backup, present, options)) {
          return { result: "kept" };
        }
        const put = { ...attributes, ...marshall(nextVersion(item, present, options)) };
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
      const decide = (present: Attributes | undefined): Decision<RepublishOutcome> => {
        if (present === undefined || isTombstone(present)) {
          return { result: "tombstone" };
        }
        if (headerOf(present).epoch >= epoch) {
          return { result: "current" };
        }
        // An item that this version of the hub cannot read could not be published.
        readItem(present);
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
