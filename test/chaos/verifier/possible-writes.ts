import {
  agentEventIn,
  type ExpectedAgentEvent,
  isAgentPayload,
  removalWrite,
  sessionWrite,
  userWrite,
} from "../../../local/sample-day/expected-agent-event.ts";
import {
  availabilityWrite,
  compareOrder,
  type ExpectedWrite,
  keyOf,
} from "../../../local/sample-day/expected-item.ts";
import { isTombstone, type Json } from "./evidence.ts";

/** A write to one item that an event leads to, unless the item is newer. */
export interface PossibleWrite {
  readonly key: string;
  /** Compares the event with a stored item: positive if the event is newer, 0 if equal, negative if older. */
  readonly compare: (stored: Json) => number;
  /** Returns the item after the write, without the values that only the hub knows. */
  readonly after: (before: Json | undefined, webhookId: string) => Json;
}

const nextVersion = (before: Json | undefined) => Number(before?.["version"] ?? 0) + 1;

function changeOf(accountId: string, { key, order, attributes }: ExpectedWrite): PossibleWrite {
  return {
    key,
    compare: (stored) => compareOrder(order, { ...stored }),
    after: (before, webhookId) => ({
      accountId,
      availabilityId: key,
      version: nextVersion(before),
      ...order,
      ...attributes(before === undefined || isTombstone(before) ? undefined : { ...before }),
      webhookId,
      origin: "relay",
    }),
  };
}

/** Returns the removal of one item by a deletion. An earlier tombstone keeps its reason. */
export function removalBy(event: ExpectedAgentEvent, key: string): PossibleWrite {
  const { order, attributes } = removalWrite(event, key);
  return {
    key,
    compare: (stored) => compareOrder(order, { ...stored }),
    after: (before) => ({
      accountId: event.accountId,
      availabilityId: key,
      version: nextVersion(before),
      ...order,
      ...attributes(undefined),
      ...(before !== undefined &&
        isTombstone(before) && { removedBecause: before["removedBecause"] }),
    }),
  };
}

/** Returns whether a payload is an `onAgentDelete`. */
export const isDeletion = (payload: object): boolean =>
  isAgentPayload(payload) && agentEventIn(payload).isDeletion;

/** Returns the writes to the items whose keys an event contains; none if the hub stores nothing of it. */
export function possibleWritesOf(payload: object, hasCustomStatuses: boolean): PossibleWrite[] {
  if (!isAgentPayload(payload)) {
    return [changeOf(keyOf(payload).accountId, availabilityWrite(payload))];
  }
  const event = agentEventIn(payload);
  const { accountId, userId } = event;
  if (event.isDeletion) {
    return [`user:${userId}`, `session:${userId}`].map((key) => removalBy(event, key));
  }
  const user = hasCustomStatuses ? undefined : userWrite(event);
  return [user, sessionWrite(event)].flatMap((each) => (each ? [changeOf(accountId, each)] : []));
}
