import type { Issue } from "../availability/issues.ts";
import type { IngestMetric } from "../availability/metrics.ts";
import { type ParsedProductEvent, parseProductEvent } from "../availability/product-event.ts";
import { removalOf } from "../availability/removal.ts";
import { isReserved } from "../availability/reserved.ts";
import {
  type AgentStore,
  ChangeRejectedError,
  StoreUnavailableError,
} from "../store/agent-store.ts";
import { countAgentEvents, countAgentWrites } from "./agent-counts.ts";
import { type Batch, type BatchedEvent, parseBatch } from "./batch.ts";
import { groupByItem, type EventWrite, writesOf } from "./item-writes.ts";
import { RejectedError } from "./problem.ts";
import { type InvalidResult, type Result, resultOf, type WriteResult } from "./results.ts";

export type { Result } from "./results.ts";

/** A request whose signature is valid. */
export interface IngestRequest {
  /** The account in the path. */
  readonly accountId: string;
  /** Whether the account has the custom-status feature. */
  readonly hasCustomStatuses: boolean;
  readonly webhookId: string;
  readonly receivedAt: Date;
  /** Aborts all calls of the request. */
  readonly abortSignal: AbortSignal;
}

type ParsedEvent = BatchedEvent & ParsedProductEvent;

/** Returns the result of an invalid event in a batch. A single invalid event makes the request invalid. */
function invalidResult({ isSingle }: Batch, result: Omit<InvalidResult, "outcome">): InvalidResult {
  if (isSingle) {
    throw new RejectedError("Malformed", { issues: result.issues });
  }
  return { ...result, outcome: "invalid" };
}

/** Rejects the whole request if it is for another account, or contains an event for a reserved account. */
function rejectAccountMismatch(
  batch: Batch,
  parsed: readonly { readonly accountId?: string | undefined }[],
  accountId: string,
): void {
  const accountIds = [batch.accountId, ...parsed.map((each) => each.accountId)];
  const other = accountIds.find((each) => each !== undefined && each !== accountId);
  if (other !== undefined) {
    const detail = `the path is for account ${accountId}, but the body is for account ${other}`;
    throw new RejectedError("AccountMismatch", { detail });
  }
  if (isReserved(accountId) && parsed.length > 0) {
    const detail = `account ${accountId} is reserved for deployment checks and stores no events`;
    throw new RejectedError("AccountMismatch", { detail });
  }
}

/** Waits for every call, even if one fails, so that none is still running when the function is frozen. */
async function waitForAll<Value>(calls: readonly Promise<readonly Value[]>[]): Promise<Value[]> {
  const settled = await Promise.allSettled(calls);
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

const tableRejectionIssues: readonly Issue[] = [
  { path: "body", message: "was rejected by DynamoDB, which is a bug in the hub" },
];

interface Listener {
  /** Called once per request, before its events are parsed. */
  readonly onReceived: (batch: Batch) => void;
  /** Called for a change that DynamoDB rejected with a validation error: a bug in the hub. */
  readonly onChangeRejected: (error: ChangeRejectedError) => void;
  /** Called for each count of an account's agent events, even if it is 0. */
  readonly count: (metric: IngestMetric, value: number, accountId: string) => void;
}

/** Creates the function that applies the events of a request and returns their results in order. */
export function createIngest(store: AgentStore, listener: Listener) {
  async function apply(write: EventWrite, batch: Batch, request: IngestRequest): Promise<Result> {
    const { index, webhookId, itemEvent } = write;
    const { availabilityId } = itemEvent;
    const receivedAt = request.receivedAt.toISOString();
    const delivery = { webhookId, receivedAt, origin: "relay" } as const;
    try {
      const { kind, version } = await store.apply(itemEvent, delivery, request.abortSignal);
      return { index, availabilityId, outcome: kind, version };
    } catch (error) {
      if (!(error instanceof ChangeRejectedError)) {
        throw error;
      }
      listener.onChangeRejected(error);
      return invalidResult(batch, { index, availabilityId, issues: tableRejectionIssues });
    }
  }

  /** Writes items concurrently, the events of each item oldest first. Returns the results in the order of `writes`. */
  async function applyAll(
    writes: readonly EventWrite[],
    batch: Batch,
    request: IngestRequest,
  ): Promise<WriteResult[]> {
    const applyInOrder = async (itemWrites: readonly EventWrite[]): Promise<WriteResult[]> => {
      const results: WriteResult[] = [];
      for (const write of itemWrites) {
        results.push({ write, result: await apply(write, batch, request) });
      }
      return results;
    };
    const results = await waitForAll(groupByItem(writes).map(applyInOrder));
    const order = new Map(writes.map((write, index) => [write, index]));
    const placeOf = ({ write }: WriteResult) => order.get(write) ?? 0;
    return results.toSorted((first, second) => placeOf(first) - placeOf(second));
  }

  /** Finds the availability items that the deletions of a request remove. Deletion events do not contain their keys. */
  async function findRemovals(
    events: readonly ParsedEvent[],
    { abortSignal }: IngestRequest,
  ): Promise<EventWrite[]> {
    const find = async (event: ParsedEvent): Promise<EventWrite[]> => {
      if (!event.ok || event.name !== "onAgentDelete") {
        return [];
      }
      const { index, webhookId, deletion } = event;
      const keys = await store.findAvailabilityItems(deletion, abortSignal);
      return keys.map((key) => ({ index, webhookId, itemEvent: removalOf(deletion, key) }));
    };
    return await waitForAll(events.map(find));
  }

  return async (body: unknown, request: IngestRequest): Promise<Result[]> => {
    const batch = parseBatch(body, request.webhookId);
    listener.onReceived(batch);
    const parsed = batch.events.map((event): ParsedEvent => ({
      ...event,
      ...parseProductEvent(event.payload, request.receivedAt),
    }));
    const count = ([metric, value]: readonly [IngestMetric, number]) => {
      listener.count(metric, value, request.accountId);
    };
    countAgentEvents(parsed, request.hasCustomStatuses).forEach(count);
    const invalid = parsed.flatMap((event) =>
      event.ok ? [] : [invalidResult(batch, { index: event.index, issues: event.issues })],
    );
    rejectAccountMismatch(batch, parsed, request.accountId);

    const valid = parsed.filter((event) => event.ok);
    const writes = valid.flatMap((event) => writesOf(event, request.hasCustomStatuses));
    const keyed = await applyAll(writes, batch, request);
    // Tombstones first: if the search fails, the relay sends the deletion again.
    const found = await applyAll(await findRemovals(valid, request), batch, request);
    const written = [...keyed, ...found];
    countAgentWrites(written).forEach(count);

    const results = written.map(({ result }) => result);
    const resultsByIndex = Map.groupBy(results, ({ index }) => index);
    const stored = valid.map(({ index }) => resultOf(index, resultsByIndex.get(index) ?? []));
    return [...invalid, ...stored].toSorted((first, second) => first.index - second.index);
  };
}
