import type { AgentStatus, AvailabilityChange, Channels } from "../availability/change.ts";
import { isOtherSecond, secondOf } from "../availability/reconcile-drift.ts";
import { type AgentState, isAgent, type ItemHeader } from "../availability/state.ts";
import {
  availableSinceAttribute,
  replacedAttributes,
  unavailableSinceAttribute,
  userId,
} from "./attributes.ts";
import { type ConditionalWrite, conditionalWrite } from "./conditional-write.ts";
import { attributesOf, type Delivery, initialAttributesOf, type Values } from "./item.ts";
import { type Attributes, headerOf, readItemIfReadable } from "./read-item.ts";

const TICKETS = "freshdesk";
const TICKETS_SINCE = [availableSinceAttribute(TICKETS), unavailableSinceAttribute(TICKETS)];

/** Returns the stored state; `undefined` if it cannot be parsed, so that nothing of it is kept. */
function stateIn(item: Attributes): AgentState | undefined {
  const stored = readItemIfReadable(item);
  return stored && isAgent(stored) ? stored : undefined;
}

/** Returns whether a snapshot of Freshdesk that is as new as the event has been merged into the item. */
function isSnapshotNewer({ updatedAt }: AvailabilityChange, { reconciledAt }: AgentState): boolean {
  return reconciledAt !== undefined && secondOf(reconciledAt) >= secondOf(updatedAt);
}

/** Returns the stored status, or the reported one if it is the same, because only the event contains its name. */
function mergedStatus(
  reported: AgentStatus | undefined,
  stored: AgentStatus | undefined,
): AgentStatus | undefined {
  const isSame = reported?.id === stored?.id && !isOtherSecond(reported?.since, stored?.since);
  return stored === undefined || isSame ? reported : stored;
}

function mergedChannels(reported: Channels, stored: Channels): Channels {
  const available = stored[TICKETS]?.available;
  return available === undefined
    ? reported
    : { ...reported, [TICKETS]: { ...reported[TICKETS], available } };
}

function storedValues(item: Attributes, names: readonly string[]): Values {
  return Object.fromEntries(
    names.flatMap((name) => (item[name]?.S === undefined ? [] : [[name, item[name].S]])),
  );
}

/** Returns the values of an event without those that a newer snapshot has already set. */
function withoutSnapshotFacts(
  change: AvailabilityChange,
  stored: AgentState,
  item: Attributes,
): Values {
  const { status, channels } = change.content;
  const kept = stored.channels[TICKETS]?.available === undefined ? [] : TICKETS_SINCE;
  return {
    status: mergedStatus(status, stored.status),
    channels: new Map(Object.entries(mergedChannels(channels, stored.channels))),
    ...Object.fromEntries(kept.map((name) => [name, undefined])),
    ...storedValues(item, kept),
  };
}

/**
 * Returns the write that merges an event into an availability item that reconcile has written, if the item has not
 * changed since it was read:
 *
 * - If a newer snapshot was merged into the item, the event does not replace the facts of the snapshot. So an
 *   older state never replaces a newer one.
 * - If the item's address differs from the event's, the item loses its user ID, because the address may now be
 *   another person's. The next sweep stores the user ID again.
 */
export function eventMergeWrite(
  change: AvailabilityChange,
  delivery: Delivery,
  item: Attributes,
): { readonly write: ConditionalWrite; readonly known: ItemHeader } {
  const known = headerOf(item);
  const stored = stateIn(item);
  const { epoch: _epoch, ...since } = initialAttributesOf(change, delivery);
  const { userId: _userId, ...reported } = attributesOf(change, delivery);
  const { email } = change.content;
  const isOtherAddress = email !== undefined && email !== stored?.email;
  const write = conditionalWrite(change, {
    known,
    values: {
      ...Object.fromEntries(replacedAttributes.map((name) => [name, undefined])),
      ...since,
      ...storedValues(item, Object.keys(since)),
      ...reported,
      ...(stored && isSnapshotNewer(change, stored) && withoutSnapshotFacts(change, stored, item)),
      ...(isOtherAddress && { [userId]: undefined }),
      reportedPrevious: undefined,
      version: known.version + 1,
    },
  });
  return { write, known };
}
