import {
  type AvailabilityChange,
  type ChangeOrder,
  compareChanges,
} from "../availability/change.ts";
import { type Issue, parsePayload } from "../availability/payload.ts";
import { isReserved } from "../availability/reserved.ts";
import {
  type AgentStore,
  ChangeRejectedError,
  type Outcome,
  StoreUnavailableError,
} from "../store/agent-store.ts";
import { orderHash } from "../store/content-hash.ts";
import { type Batch, type BatchedEvent, parseBatch } from "./batch.ts";
import { RejectedError } from "./problem.ts";

/** A request whose signature is valid. */
export interface IngestRequest {
  /** The account in the path. */
  readonly accountId: string;
  readonly webhookId: string;
  readonly receivedAt: Date;
  /** Ends all writes of the request. */
  readonly abortSignal: AbortSignal;
}

/** An event that cannot be stored. The other events of its batch are applied. */
interface InvalidResult {
  readonly index: number;
  readonly outcome: "invalid";
  readonly availabilityId?: string;
  readonly issues: readonly Issue[];
}

interface StoredResult {
  readonly index: number;
  readonly outcome: Outcome["kind"];
  readonly availabilityId: string;
  /** The stored version. */
  readonly version: number;
}

/** The outcome of one event, by its index in the request. */
export type Result = InvalidResult | StoredResult;

/** A change, and the event that reported it. */
interface Entry extends BatchedEvent {
  readonly change: AvailabilityChange;
}

/** An invalid event makes a request with a single event invalid; in a batch it gets a result. */
function invalidResult({ isSingle }: Batch, result: Omit<InvalidResult, "outcome">): InvalidResult {
  if (isSingle) {
    throw new RejectedError("Malformed", { issues: result.issues });
  }
  return { ...result, outcome: "invalid" };
}

/** Nothing is stored of a request that contains an event of another account. */
function rejectOtherAccounts(
  batch: Batch,
  parsed: readonly { readonly accountId?: string | undefined }[],
  accountId: string,
): void {
  const stated = [batch.accountId, ...parsed.map((each) => each.accountId)];
  const other = stated.find((each) => each !== undefined && each !== accountId);
  if (other !== undefined) {
    const detail = `the path is for account ${accountId}, but the body is for account ${other}`;
    throw new RejectedError("AccountMismatch", { detail });
  }
  if (isReserved(accountId) && parsed.length > 0) {
    const detail = `account ${accountId} is reserved for deployment checks and stores no events`;
    throw new RejectedError("AccountMismatch", { detail });
  }
}

function orderOf(change: AvailabilityChange): ChangeOrder {
  const { updatedAt, eventTimestamp } = change;
  return { updatedAt, eventTimestamp, contentHash: orderHash(change) };
}

/** A single entry, which most requests have, needs no order, and so no hash. */
function oldestFirst(entries: readonly Entry[]): readonly Entry[] {
  return entries.length < 2
    ? entries
    : entries
        .map((entry) => ({ entry, order: orderOf(entry.change) }))
        .toSorted((first, second) => compareChanges(first.order, second.order))
        .map(({ entry }) => entry);
}

/**
 * Groups entries by agent, oldest first. Agents are written concurrently. The changes of one agent are written
 * one after the other: a newer one that is written first would make the others stale, and unpublished.
 */
function byAgent(entries: readonly Entry[]): (readonly Entry[])[] {
  const agents = Map.groupBy(entries, ({ change }) => change.availabilityId);
  return [...agents.values()].map(oldestFirst);
}

/** Waits for every write, even if one fails, so that none is still running when the function is frozen. */
async function waitForAll(writes: readonly Promise<Result[]>[]): Promise<Result[]> {
  const settled = await Promise.allSettled(writes);
  const failed = settled.filter((each) => each.status === "rejected");
  const unexpected = failed.find(({ reason }) => !(reason instanceof StoreUnavailableError));
  if (unexpected) {
    throw unexpected.reason;
  }
  if (failed[0]) {
    throw new RejectedError("DependencyFailed", { cause: failed[0].reason });
  }
  return settled.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
}

const rejectedByTable: readonly Issue[] = [
  { path: "body", message: "was rejected by the table; this is a defect of the hub" },
];

interface Listener {
  /** Called once per request, before its events are parsed. */
  readonly onReceived: (batch: Batch) => void;
  /** Called for a change that DynamoDB rejected with a validation error: a defect of the hub. */
  readonly onChangeRejected: (error: ChangeRejectedError) => void;
}

/** Creates the function that applies the events of a request and returns their results in order. */
export function createIngest(store: AgentStore, { onReceived, onChangeRejected }: Listener) {
  async function apply(entry: Entry, batch: Batch, request: IngestRequest): Promise<Result> {
    const { index, webhookId, change } = entry;
    const { availabilityId } = change;
    const receivedAt = request.receivedAt.toISOString();
    const delivery = { webhookId, receivedAt, origin: "relay" } as const;
    try {
      const { kind, version } = await store.apply(change, delivery, request.abortSignal);
      return { index, availabilityId, outcome: kind, version };
    } catch (error) {
      if (!(error instanceof ChangeRejectedError)) {
        throw error;
      }
      onChangeRejected(error);
      return invalidResult(batch, { index, availabilityId, issues: rejectedByTable });
    }
  }

  return async (body: unknown, request: IngestRequest): Promise<Result[]> => {
    const batch = parseBatch(body, request.webhookId);
    onReceived(batch);
    const parsed = batch.events.map((event) => ({
      ...event,
      ...parsePayload(event.payload, request.receivedAt),
    }));
    const invalid = parsed.flatMap((event) =>
      event.ok ? [] : [invalidResult(batch, { index: event.index, issues: event.issues })],
    );
    rejectOtherAccounts(batch, parsed, request.accountId);

    const entries = parsed.filter((event) => event.ok);
    const applyInOrder = async (ofOneAgent: readonly Entry[]): Promise<Result[]> => {
      const results: Result[] = [];
      for (const entry of ofOneAgent) {
        results.push(await apply(entry, batch, request));
      }
      return results;
    };
    const applied = await waitForAll(byAgent(entries).map(applyInOrder));
    return [...invalid, ...applied].toSorted((first, second) => first.index - second.index);
  };
}
