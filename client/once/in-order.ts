import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { MiddlewareObj, Request } from "@middy/core";

import type { AgentAvailabilityEvent } from "../events/event.ts";
import { itemIdOf } from "../events/item-id.ts";
import { type AcquireResult, createLeaseTable, type Lease } from "./lease.ts";
import { AgentBusyError, OnceError } from "./once-error.ts";
import { checkTableOptions, got, type OnceTableOptions } from "./options.ts";
import { singleEventOf } from "./single-event.ts";

export { AgentBusyError, LeaseLostError, OnceError } from "./once-error.ts";
export type { OnceTableOptions } from "./options.ts";

/** Options of `onceInOrder`. */
export interface InOrderOptions extends OnceTableOptions {
  /**
   * Selects the events that are ordered together.
   *
   * - `agent`: all events of an agent. After a newer version, the handler never receives an older one. Logins and
   *   logouts have their own versions and are ordered separately, as is the coverage of a channel. Overruns are
   *   ordered separately too: an overrun can arrive before the changes of its version.
   * - `subject`: an agent's events of the same type, and for channel events of the same channel. An older
   *   event is skipped only if a newer one about the same subject was processed.
   *
   * @default "agent"
   */
  readonly order?: "agent" | "subject" | undefined;

  /**
   * Maximum time that an event waits while another event of its agent is processed, in milliseconds. After that it
   * fails and is delivered again. It waits at most half of the function's remaining time.
   *
   * @default 10000
   */
  readonly waitMs?: number | undefined;

  /** @default - a client with the default settings */
  readonly client?: DynamoDBClient | undefined;
}

/** The function's response to an event that the handler did not receive. */
export interface Skipped {
  readonly skipped: "duplicate" | "stale";
  /** Empty: a queue with partial batch responses counts the event as processed. */
  readonly batchItemFailures: readonly [];
}

const DEFAULT_WAIT_MS = 10_000;
const MAX_RETRY_INTERVAL_MS = 150;

/** Added to the lease, because the clocks of two Lambda instances differ. */
const CLOCK_TOLERANCE_MS = 1000;

type EventRequest = Request<AgentAvailabilityEvent>;

function checkOptions(options: InOrderOptions): number {
  const retentionSeconds = checkTableOptions(options, ["order", "waitMs", "client"]);
  const { order = "agent", waitMs = DEFAULT_WAIT_MS } = options;
  if (!["agent", "subject"].includes(order)) {
    throw new OnceError(`order must be "agent" or "subject" ${got(order)}`);
  }
  if (!Number.isFinite(waitMs) || waitMs < 0) {
    throw new OnceError(
      `waitMs must be a finite number of milliseconds, at least 0 ${got(waitMs)}`,
    );
  }
  return retentionSeconds;
}

/** Returns the part of `metadata.id` that the events ordered together share. */
function orderKeyOf(event: AgentAvailabilityEvent, order: "agent" | "subject"): string {
  const { accountId } = event.detail;
  const agent = "agent" in event.detail ? [itemIdOf(event.detail.agent)] : [];
  const subject = [
    event["detail-type"].replaceAll(" ", ""),
    ...("channel" in event.detail ? [event.detail.channel] : []),
  ];
  // An overrun has the stored version, whose other events may not be published yet.
  const isOrderedByAgent =
    order === "agent" && agent.length > 0 && event["detail-type"] !== "Agent Status Overrun";
  return [accountId, ...agent, ...(isOrderedByAgent ? [] : subject)].join("/");
}

/**
 * Returns a middy middleware that calls the handler once for each event, and never with an older event after
 * a newer one.
 *
 * Duplicates are recognized by `metadata.id`. An event is stale if its (`epoch`, `version`) is lower than the
 * highest that was processed. Events of the same version are all processed, each once. While an event is
 * processed, other events of its agent wait. If the handler fails, the event is not recorded, and the next
 * delivery is processed. For duplicates and stale events the function returns `{ skipped }`.
 *
 * The handler receives the event itself, parsed by `parseEvent`, whether it was delivered by a rule, a queue
 * (`batchSize: 1`) or a topic. If the function crashes after the handler has ended and before the event is
 * recorded, the next delivery is processed again. Only a handler that writes its effects and the record in one
 * transaction can prevent that.
 *
 * The function fails with EventError if the input is not an event, AgentBusyError if waiting took too long,
 * LeaseLostError if a processed event could not be recorded, and the SDK's error if DynamoDB fails.
 *
 * @throws OnceError if an option is unknown or invalid.
 */
export function onceInOrder(
  options: InOrderOptions,
): Required<Pick<MiddlewareObj<AgentAvailabilityEvent, unknown>, "before" | "after" | "onError">> {
  const retentionSeconds = checkOptions(options);
  const { tableName, order = "agent", waitMs = DEFAULT_WAIT_MS } = options;
  const client = options.client ?? new DynamoDBClient();
  const leases = createLeaseTable(client, tableName, retentionSeconds);
  // Middy creates a request for each invocation. Its `internal` belongs to the handler, so it is not used.
  const heldLeases = new WeakMap<object, Lease>();

  /** Tries to acquire the lease until it is available or the deadline has passed. */
  async function acquireBefore(deadline: number, { event, context }: EventRequest) {
    const { id, epoch, version } = event.detail.metadata;
    const consumer = options.consumer ?? context.functionName;
    const request = {
      key: `in-order#${consumer}#${orderKeyOf(event, order)}`,
      token: randomUUID(),
      position: { id, epoch, version },
    };
    for (;;) {
      const now = Date.now();
      const expiresAt = now + context.getRemainingTimeInMillis() + CLOCK_TOLERANCE_MS;
      const acquired: AcquireResult = await leases.acquire({ ...request, now, expiresAt });
      if (acquired.outcome !== "busy" || Date.now() >= deadline) {
        return acquired;
      }
      await sleep(Math.ceil((MAX_RETRY_INTERVAL_MS * (1 + Math.random())) / 2));
    }
  }

  return {
    async before(request: EventRequest): Promise<Skipped | undefined> {
      request.event = singleEventOf(request.event);
      const maxWaitMs = Math.min(waitMs, request.context.getRemainingTimeInMillis() / 2);
      const acquired = await acquireBefore(Date.now() + maxWaitMs, request);
      const { id } = request.event.detail.metadata;
      if (acquired.outcome === "busy") {
        throw new AgentBusyError(id, Math.round(maxWaitMs));
      }
      if (acquired.outcome !== "acquired") {
        console.info({ skipped: acquired.outcome, event: id });
        return { skipped: acquired.outcome, batchItemFailures: [] };
      }
      heldLeases.set(request, acquired.lease);
      return undefined;
    },

    async after(request: EventRequest): Promise<void> {
      const lease = heldLeases.get(request);
      if (lease) {
        await leases.complete(lease);
        heldLeases.delete(request);
      }
    },

    async onError(request: EventRequest): Promise<void> {
      const lease = heldLeases.get(request);
      try {
        await (lease && leases.release(lease));
      } catch (error) {
        // The function has to fail with the handler's error. The lease expires on its own.
        console.error({ message: "The lease was not released", key: lease?.key, error });
      }
    },
  };
}
