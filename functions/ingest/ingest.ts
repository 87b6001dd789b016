import * as z from "zod";

import {
  type AvailabilityChange,
  type ChangeOrder,
  compareChanges,
} from "../availability/change.ts";
import { type Issue, type ParsedPayload, parsePayload } from "../availability/payload.ts";
import { isReserved } from "../availability/reserved.ts";
import {
  type AgentStore,
  ChangeRefusedError,
  type Outcome,
  StoreUnavailableError,
} from "../store/agent-store.ts";
import { orderHash } from "../store/content-hash.ts";
import { RefusedError } from "./problem.ts";

/** What is asked of the hub: one payload, or a list of them from a relay that catches up. */
export interface Ingestion {
  readonly accountId: string;
  readonly webhookId: string;
  readonly receivedAt: Date;
  readonly abortSignal: AbortSignal;
}

/** An event that cannot be stored. Its neighbours in the list are. */
interface Invalid {
  readonly outcome: "invalid";
  readonly index: number;
  readonly availabilityId?: string;
  readonly issues: readonly Issue[];
}

/** What became of one event of those that were sent. `version` is the stored one. */
export type Result =
  | Invalid
  | {
      readonly outcome: Outcome["kind"];
      readonly index: number;
      readonly availabilityId: string;
      readonly version: number;
    };

const MOST_EVENTS = 50;

const listSchema = z.object({ events: z.unknown(), data: z.null().optional() });
const eventsSchema = z.array(z.unknown()).max(MOST_EVENTS);

/**
 * The events of a list; `undefined` if the body is a single payload, which has `data`: should Freshworks
 * ever add `events` to it, that is one more thing that is not known.
 */
function listIn(body: unknown): readonly unknown[] | undefined {
  const list = listSchema.safeParse(body);
  if (!list.success || list.data.events === undefined) {
    return undefined;
  }
  const events = eventsSchema.safeParse(list.data.events);
  if (!events.success) {
    const message = `is no list of at most ${MOST_EVENTS} events`;
    throw new RefusedError("Malformed", { issues: [{ path: "events", message }] });
  }
  return events.data;
}

/** Nothing of a request is stored that has an event of another account in it; the hub's own have none. */
function refuseForeign(payloads: readonly ParsedPayload[], accountId: string): void {
  const isForeign = (payload: ParsedPayload) =>
    isReserved(accountId) || (payload.accountId !== undefined && payload.accountId !== accountId);
  if (payloads.some(isForeign)) {
    throw new RefusedError("ForeignAccount");
  }
}

function invalidOf(parsed: ParsedPayload, index: number): Invalid[] {
  return parsed.ok ? [] : [{ outcome: "invalid", index, issues: parsed.issues }];
}

/** A single event that is invalid makes its request so. */
function refuseInvalid(results: readonly Result[]): void {
  const invalid = results.find((result) => result.outcome === "invalid");
  if (invalid) {
    throw new RefusedError("Malformed", { issues: invalid.issues });
  }
}

const refusedByStore: readonly Issue[] = [
  { path: "body", message: "was refused by the table; this is a defect of the hub" },
];

/** A change, and its place in the list that brought it. */
interface Item {
  readonly index: number;
  readonly change: AvailabilityChange;
}

/** A change's place among the others of its agent, as the table will see it. */
function orderOf(change: AvailabilityChange): ChangeOrder {
  const { updatedAt, eventTimestamp } = change;
  return { updatedAt, eventTimestamp, contentHash: orderHash(change) };
}

/** A single change, which most requests are of, needs no place, and so no hash. */
function oldestFirst(items: readonly Item[]): readonly Item[] {
  return items.length < 2
    ? items
    : items
        .map((item) => ({ item, order: orderOf(item.change) }))
        .toSorted((first, second) => compareChanges(first.order, second.order))
        .map(({ item }) => item);
}

/**
 * The changes of a list by agent, oldest first. Agents are written side by side; an agent's own changes
 * one after the other, since a newer one that won the race would make the others stale and untold.
 */
function byAgent(items: readonly Item[]): (readonly Item[])[] {
  const agents = Map.groupBy(items, ({ change }) => change.availabilityId);
  return [...agents.values()].map(oldestFirst);
}

/** Waits for every write before it gives up, so that none is left running in a frozen function. */
async function all(writes: readonly Promise<Result[]>[]): Promise<Result[]> {
  const settled = await Promise.allSettled(writes);
  const failed = settled.filter((each) => each.status === "rejected");
  const unexpected = failed.find(({ reason }) => !(reason instanceof StoreUnavailableError));
  if (unexpected) {
    throw unexpected.reason;
  }
  if (failed[0]) {
    throw new RefusedError("DependencyFailed", { cause: failed[0].reason });
  }
  return settled.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
}

/** Who is told of what is worth counting. */
interface Listener {
  /** How many events a request has brought, and whether it brought them as a list. */
  readonly onReceived: (events: number, isList: boolean) => void;
  /** A change that the table refused as malformed, which is a defect of ours. */
  readonly onRefused: (error: ChangeRefusedError) => void;
}

/** Takes payloads to the store, and says what became of each. */
export function createIngest(store: AgentStore, { onReceived, onRefused }: Listener) {
  async function apply({ change, index }: Item, ingestion: Ingestion): Promise<Result> {
    const { availabilityId } = change;
    const { webhookId, receivedAt, abortSignal } = ingestion;
    const delivery = { webhookId, receivedAt: receivedAt.toISOString(), origin: "relay" } as const;
    try {
      const { kind, version } = await store.apply(change, delivery, abortSignal);
      return { index, availabilityId, outcome: kind, version };
    } catch (error) {
      if (!(error instanceof ChangeRefusedError)) {
        throw error;
      }
      onRefused(error);
      return { index, availabilityId, outcome: "invalid", issues: refusedByStore };
    }
  }

  async function applyInOrder(
    items: readonly Item[],
    ingestionOf: (index: number) => Ingestion,
  ): Promise<Result[]> {
    const results: Result[] = [];
    for (const item of items) {
      results.push(await apply(item, ingestionOf(item.index)));
    }
    return results;
  }

  return async (body: unknown, ingestion: Ingestion): Promise<Result[]> => {
    const { accountId, webhookId, receivedAt } = ingestion;
    const list = listIn(body);
    const payloads = (list ?? [body]).map((payload) => parsePayload(payload, receivedAt));
    onReceived(payloads.length, list !== undefined);
    if (list === undefined) {
      refuseInvalid(payloads.flatMap(invalidOf));
    }
    refuseForeign(payloads, accountId);
    const ingestionOf = (index: number) =>
      list ? { ...ingestion, webhookId: `${webhookId}#${index}` } : ingestion;
    const items = payloads.flatMap((parsed, index) =>
      parsed.ok ? [{ index, change: parsed.change }] : [],
    );
    const written = await all(byAgent(items).map((each) => applyInOrder(each, ingestionOf)));
    const results = [...payloads.flatMap(invalidOf), ...written];
    if (list === undefined) {
      refuseInvalid(results);
    }
    return results.toSorted((first, second) => first.index - second.index);
  };
}
