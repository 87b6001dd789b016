import {
  agentEventIn,
  type ExpectedAgentEvent,
  isAgentPayload,
  removalWrite,
  sessionWrite,
  userWrite,
} from "./expected-agent-event.ts";
import { type ExpectedAgent, joinedAgents } from "./expected-agents.ts";
import { type ExpectedEvent, eventsOf } from "./expected-events.ts";
import {
  availabilityWrite,
  compareOrder,
  type ExpectedItem,
  type ExpectedWrite,
  keyOf,
} from "./expected-item.ts";
import { sweepWrites } from "./expected-sweep.ts";
import type { Sweep } from "./expected-sweep-people.ts";
import type { ExpectedChange } from "./expected-history.ts";
import { asObject } from "./json.ts";
import { loginEventsOf, removalEventsOf } from "./expected-person-events.ts";

export type ExpectedOutcome = "applied" | "duplicate" | "stale";

/**
 * The result of an event, as the hub returns it. `availabilityId` is absent if the event contains nothing
 * that is stored.
 */
export interface ExpectedResult {
  readonly availabilityId?: string;
  readonly outcome: ExpectedOutcome;
  readonly version: number;
}

export interface ModelOptions {
  /** The accounts without custom statuses. @default - none */
  readonly withoutCustomStatuses?: readonly string[];
}

const isTombstone = (item: ExpectedItem | undefined) => item?.["removedAt"] !== undefined;

/**
 * Returns the result of an event with several writes: that of the first applied write, otherwise that of the
 * first write.
 */
function resultOf(writes: readonly ExpectedResult[]): ExpectedResult {
  const applied = writes.find(({ outcome }) => outcome === "applied");
  return applied ?? writes[0] ?? { outcome: "duplicate", version: 0 };
}

/**
 * Creates a reference model of the hub: events in, items and published events out. It follows the documents
 * (docs/use/api.md, docs/use/table.md, docs/use/events.md, docs/use/lookups.md) and shares no code with the
 * hub, so that it does not repeat the hub's errors.
 */
export function createReferenceModel({ withoutCustomStatuses = [] }: ModelOptions = {}) {
  const items = new Map<string, ExpectedItem>();
  const events = new Map<string, ExpectedEvent>();
  const changes: ExpectedChange[] = [];

  /** Stores an item and the events of its write. */
  function store(key: string, before: ExpectedItem | undefined, after: ExpectedItem): void {
    items.set(key, after);
    const state = isTombstone(before) ? undefined : before;
    changes.push({ key, before: state, after });
    const isSession = String(after["availabilityId"]).startsWith("session:");
    const eventsAfter = isTombstone(after) ? removalEventsOf : isSession ? loginEventsOf : eventsOf;
    for (const event of eventsAfter(state, after)) {
      events.set(event.id, event);
    }
  }

  /** Applies a write if it is newer than the stored item. */
  function write(
    accountId: string,
    { key: availabilityId, order, attributes }: ExpectedWrite,
    delivery: object,
  ): ExpectedResult {
    const key = `${accountId}/${availabilityId}`;
    const before = items.get(key);
    const comparison = before === undefined ? 1 : compareOrder(order, before);
    const version = Number(before?.["version"] ?? 0);
    if (comparison <= 0) {
      return { availabilityId, outcome: comparison === 0 ? "duplicate" : "stale", version };
    }
    const state = isTombstone(before) ? undefined : before;
    const count = { accountId, availabilityId, version: version + 1 };
    store(key, before, { ...count, ...order, ...attributes(state), ...delivery });
    return { availabilityId, outcome: "applied", version: version + 1 };
  }

  /** Returns the keys of a person's availability items. Only the email address connects them. */
  function availabilityKeys({ accountId, email }: ExpectedAgentEvent): string[] {
    return [...items.values()]
      .filter((item) => item["accountId"] === accountId && item["userId"] === undefined)
      .filter((item) => email !== undefined && item["email"] === email)
      .map((item) => String(item["availabilityId"]));
  }

  function applyDeletion(event: ExpectedAgentEvent): ExpectedResult {
    const { accountId, userId } = event;
    const keys = [`user:${userId}`, `session:${userId}`, ...availabilityKeys(event)];
    return resultOf(keys.map((key) => write(accountId, removalWrite(event, key), {})));
  }

  function applyUpdate(event: ExpectedAgentEvent, webhookId: string): ExpectedResult {
    const { accountId } = event;
    const user = withoutCustomStatuses.includes(accountId) ? userWrite(event) : undefined;
    const writes = [user, sessionWrite(event)].flatMap((each) => each ?? []);
    const delivery = { webhookId, origin: "relay" };
    return resultOf(writes.map((each) => write(accountId, each, delivery)));
  }

  const knownIn = (accountId: string) =>
    [...items.values()].filter((item) => item["accountId"] === accountId && !isTombstone(item));

  const joinedIn = (accountId: string): ExpectedAgent[] => joinedAgents(knownIn(accountId));

  return {
    /** The expected items by `{accountId}/{availabilityId}`: items of all kinds, including tombstones. */
    items,
    /** The expected events by ID. */
    events,
    /** The writes that count as a version, in their order. */
    changes,
    /** Returns the expected agents of an account, joined. */
    agents: joinedIn,
    /** Returns the keys of the agents that are available on a channel, sorted. */
    availableOn: (accountId: string, channel: string): string[] =>
      joinedIn(accountId)
        .filter(({ channels }) => asObject(asObject(channels)[channel])["available"] === true)
        .map(({ availabilityId }) => String(availabilityId))
        .toSorted(),
    /** Applies a sweep. @returns how many items changed. */
    sweep(sweep: Sweep): number {
      const { accountId } = sweep;
      const writes = sweepWrites(knownIn(accountId), sweep);
      for (const { key, after, isChange } of writes) {
        const id = `${accountId}/${key}`;
        if (isChange) {
          store(id, items.get(id), after);
        } else {
          items.set(id, after);
        }
      }
      return writes.filter(({ isChange }) => isChange).length;
    },
    /** Forgets items as `agent forget` does: events raised before are stale, and their changes are not kept. */
    forget(accountId: string, availabilityIds: readonly string[], at: Date): void {
      const moment = { updatedAt: at.toISOString(), eventTimestamp: at.getTime() * 1000 };
      for (const availabilityId of availabilityIds) {
        const key = `${accountId}/${availabilityId}`;
        if (items.has(key) || availabilityId.includes(":")) {
          write(accountId, removalWrite(moment, availabilityId), {});
        }
        changes.splice(0, changes.length, ...changes.filter((change) => change.key !== key));
      }
    },
    /** Applies one event as the hub must. */
    apply(payload: object, webhookId: string): ExpectedResult {
      if (!isAgentPayload(payload)) {
        const delivery = { webhookId, origin: "relay" };
        return write(keyOf(payload).accountId, availabilityWrite(payload), delivery);
      }
      const event = agentEventIn(payload);
      return event.isDeletion ? applyDeletion(event) : applyUpdate(event, webhookId);
    },
  };
}

export type ReferenceModel = ReturnType<typeof createReferenceModel>;
