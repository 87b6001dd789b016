import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { MiddlewareObj, Request } from "@middy/core";

import type { AgentAvailabilityEvent } from "../events/event.ts";
import { EventError } from "../events/event-error.ts";
import { parseEvent } from "../events/parse-event.ts";
import { type Claim, type Claimed, createClaims } from "./claim.ts";
import { type Memory, rememberForSeconds } from "./memory.ts";
import { AgentBusyError, OnceError } from "./once-error.ts";

export { AgentBusyError, ClaimLostError, OnceError } from "./once-error.ts";
export type { Memory } from "./memory.ts";

/** How events are handled once and in order. */
export interface InOrderOptions extends Memory {
  /**
   * What an event is ordered with. `agent`: all events of its agent, so that the handler never goes back
   * behind a version that it has seen. `subject`: the events that tell of the same thing, which is their
   * type, and of a channel event its channel; so that a late event is dropped only if what it tells has
   * been told anew.
   *
   * @default "agent"
   */
  readonly order?: "agent" | "subject" | undefined;

  /**
   * How long an event waits while another of its agent is being handled, in milliseconds, before it fails
   * to come again. Never longer than half of the time that the function has left.
   *
   * @default 10000
   */
  readonly waitMs?: number | undefined;

  /** @default - a client of its own */
  readonly client?: DynamoDBClient | undefined;
}

/** What the function answers for an event that it did not handle. */
export interface Skipped {
  readonly skipped: "repeat" | "older";
  /** None: to a queue that reports failures one by one, it is done. */
  readonly batchItemFailures: readonly [];
}

const DEFAULT_WAIT_MS = 10_000;
const LONGEST_PAUSE_MS = 150;

/** After Lambda has ended a function, for clocks that differ. */
const GRACE_MS = 1000;

type EventRequest = Request<AgentAvailabilityEvent>;

/** A queue with `batchSize: 1` hands over a list of one record, which is as good as the record. */
function onlyRecord(input: unknown): unknown {
  if (typeof input !== "object" || input === null || !("Records" in input)) {
    return input;
  }
  const records: readonly unknown[] = Array.isArray(input.Records) ? input.Records : [];
  if (records.length !== 1) {
    throw new OnceError(
      `a batch of ${records.length} records cannot be handled once and in order as a whole; set the mapping's batchSize to 1, or call the function that middy makes for each record`,
    );
  }
  return records[0];
}

function eventIn(input: unknown): AgentAvailabilityEvent {
  const parsed = parseEvent(onlyRecord(input));
  if (parsed.kind === "unknown") {
    throw new EventError(
      `${parsed.detailType}, version ${parsed.schemaVersion ?? "unknown"}, came after this version of agent-availability-hub; update it, or let the rule's pattern keep it out`,
    );
  }
  return parsed.event;
}

/** Who is told of, and with `subject` what: the part of `metadata.id` that later events share. */
function threadOf(event: AgentAvailabilityEvent, order: "agent" | "subject"): string {
  const { accountId, agent } = event.detail;
  const parts = [accountId, agent.availabilityId];
  if (order === "subject") {
    parts.push(event["detail-type"].replaceAll(" ", ""));
    parts.push(...("channel" in event.detail ? [event.detail.channel] : []));
  }
  return parts.join("/");
}

/**
 * A middy middleware that lets a handler see every event once, and never an older one after a newer.
 *
 * Repeats are recognised by `metadata.id`. Older is a strictly lower (`epoch`, `version`) than the highest
 * that was handled; events of one version all pass, each once. While one is handled, others of its agent
 * wait. When the handler fails, the event is not remembered, and its repeat gets through. The function
 * answers `{ skipped }` for what it did not handle.
 *
 * The handler is given the event itself, read by `parseEvent`, whether it came from a rule, a queue
 * (`batchSize: 1`) or a topic. A crash between the handler's end and the memory's write lets an event be
 * handled twice: no memory beside the handler's own can rule that out.
 *
 * @throws OnceError for options that cannot be; the function fails with EventError for what is no event,
 *   AgentBusyError after waiting in vain, and with what DynamoDB throws, so that the event comes again.
 */
export function onceInOrder(
  options: InOrderOptions,
): Required<Pick<MiddlewareObj<AgentAvailabilityEvent, unknown>, "before" | "after" | "onError">> {
  const { tableName, order = "agent", waitMs = DEFAULT_WAIT_MS } = options;
  const client = options.client ?? new DynamoDBClient();
  const claims = createClaims(client, tableName, rememberForSeconds(options) * 1000);
  // By request, which middy makes anew for each call: the handler's own `internal` stays the handler's.
  const held = new WeakMap<object, Claim>();

  async function claimWithin(request: EventRequest, until: number): Promise<Claimed> {
    const { event, context } = request;
    const { id, epoch, version } = event.detail.metadata;
    const consumer = options.consumer ?? context.functionName;
    const key = `in-order#${consumer}#${threadOf(event, order)}`;
    const place = { id, epoch, version };
    const token = randomUUID();
    for (;;) {
      const now = Date.now();
      const leftMs = context.getRemainingTimeInMillis();
      const asked = { key, token, place, now, until: now + leftMs + GRACE_MS };
      const claimed = await claims.claim(asked);
      if (claimed.kind !== "busy" || Date.now() >= until) {
        return claimed;
      }
      await sleep(Math.ceil((LONGEST_PAUSE_MS * (1 + Math.random())) / 2));
    }
  }

  return {
    async before(request: EventRequest): Promise<Skipped | undefined> {
      request.event = eventIn(request.event);
      const longest = Math.min(waitMs, request.context.getRemainingTimeInMillis() / 2);
      const claimed = await claimWithin(request, Date.now() + longest);
      const { id } = request.event.detail.metadata;
      if (claimed.kind === "busy") {
        throw new AgentBusyError(id, Math.round(longest));
      }
      if (claimed.kind !== "claimed") {
        console.info({ skipped: claimed.kind, event: id });
        return { skipped: claimed.kind, batchItemFailures: [] };
      }
      held.set(request, claimed.claim);
      return undefined;
    },

    async after(request: EventRequest): Promise<void> {
      const claim = held.get(request);
      if (claim) {
        await claims.settle(claim);
        held.delete(request);
      }
    },

    async onError(request: EventRequest): Promise<void> {
      const claim = held.get(request);
      try {
        await (claim && claims.release(claim));
      } catch (error) {
        // What the handler failed with is what has to be told; the claim runs out by itself.
        console.error("claim not given back", { key: claim?.key, error });
      }
    },
  };
}
