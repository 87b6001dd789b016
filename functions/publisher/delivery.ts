import type { DynamoDBRecord } from "aws-lambda";

import { eventsOf } from "../availability/events.ts";
import { isTooLarge } from "../bus/calls.ts";
import { type Entry, entryOf } from "../bus/entry.ts";
import type { EntryResponse, Rejection } from "../bus/event-bus.ts";
import type { Cause } from "./dead-letter.ts";
import { transitionOf, UnreadableRecordError } from "../store/outbox-record.ts";

export interface PublishRequest {
  readonly record: DynamoDBRecord;
  /**
   * Returns whether to publish the event with this `metadata.id`.
   *
   * @default - all events of the record are published
   */
  readonly shouldPublish?: (eventId: string) => boolean;
  /**
   * Whether the name or email address had changed, if both images omit them.
   *
   * @default false
   */
  readonly profileChanged?: boolean;
}

export interface RecordOutcome<Request extends PublishRequest = PublishRequest> {
  readonly request: Request;
  /**
   * - `published`: the bus accepted all of the record's events.
   * - `dead-lettered`: the bus accepted all of them except those in `deadLettered`.
   * - `failed`: at least one event must be sent again; `rejected` contains the reasons.
   * - `blocked`: not attempted, because an earlier record of the agent failed or the time ran out.
   */
  readonly kind: "published" | "failed" | "blocked" | "dead-lettered";
  readonly accepted: readonly Entry[];
  /** Why the record was dead-lettered: one message for each cause. */
  readonly deadLettered: readonly Cause[];
  /** The last rejection of each entry to send again, and a failure of the dead-letter queue. */
  readonly rejected: readonly Cause[];
}

/** An entry that the bus has not accepted yet. */
interface PendingEntry {
  readonly entry: Entry;
  /** The bus's last response; absent before the first attempt. */
  readonly rejection?: Rejection;
}

/** The work on a stream record within one invocation. */
export interface Delivery<Request extends PublishRequest = PublishRequest> {
  readonly request: Request;
  pending: readonly PendingEntry[];
  /** Why parts of the record can never be published; to be dead-lettered. */
  undeliverable: readonly Cause[];
  readonly accepted: Entry[];
  readonly deadLettered: Cause[];
  /** Why the dead-letter queue did not accept the record. */
  deadLetterFailure?: Cause;
}

/** The stage's options for entries. */
export interface EntryOptions {
  readonly busName: string;
  readonly personalData: boolean;
}

function entriesOf(request: PublishRequest, { busName, personalData }: EntryOptions): Entry[] {
  const { record, shouldPublish = () => true, profileChanged } = request;
  return eventsOf({ ...transitionOf(record), profileChanged }, { personalData })
    .filter((event) => shouldPublish(event.detail.metadata.id))
    .map((event) => entryOf(event, busName, new Date()));
}

function tooLargeCause({ id, bytes }: Entry): Cause {
  return { code: "EntryTooLarge", message: `${bytes} bytes`, eventId: id };
}

function causeOf({ id }: Entry, { code, message }: Rejection): Cause {
  return { code, message, eventId: id };
}

/** Converts a stream record to the entries to send. */
export function createDelivery<Request extends PublishRequest>(
  request: Request,
  options: EntryOptions,
): Delivery<Request> {
  const nothingSent = { request, accepted: [], deadLettered: [] };
  try {
    const entries = entriesOf(request, options);
    return {
      ...nothingSent,
      pending: entries.filter((entry) => !isTooLarge(entry)).map((entry) => ({ entry })),
      undeliverable: entries.filter(isTooLarge).map(tooLargeCause),
    };
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) {
      throw error;
    }
    const cause = { code: "UnreadableRecord", message: error.message };
    return { ...nothingSent, pending: [], undeliverable: [cause] };
  }
}

/** Records the bus's responses: accepted entries are done, and rejected ones stay pending or are undeliverable. */
export function applyResponses(
  delivery: Delivery,
  responses: ReadonlyMap<Entry, EntryResponse>,
  isUndeliverable: (rejection: Rejection) => boolean,
): void {
  const pending: PendingEntry[] = [];
  for (const { entry, rejection: last } of delivery.pending) {
    const response = responses.get(entry) ?? last;
    if (response?.kind === "accepted") {
      delivery.accepted.push(entry);
    } else if (response && isUndeliverable(response)) {
      delivery.undeliverable = [...delivery.undeliverable, causeOf(entry, response)];
    } else {
      pending.push({ entry, ...(response && { rejection: response }) });
    }
  }
  delivery.pending = pending;
}

/** Returns whether nothing is left to do for a record. */
export function isDone({ pending, undeliverable }: Delivery): boolean {
  return pending.length === 0 && undeliverable.length === 0;
}

export function outcomeOf<Request extends PublishRequest>(
  delivery: Delivery<Request>,
): RecordOutcome<Request> {
  const { request, pending, accepted, deadLettered, deadLetterFailure } = delivery;
  const rejected = [
    ...pending.flatMap(({ entry, rejection }) => (rejection ? [causeOf(entry, rejection)] : [])),
    ...(deadLetterFailure ? [deadLetterFailure] : []),
  ];
  return { request, kind: kindOf(delivery, rejected), accepted, deadLettered, rejected };
}

function kindOf(delivery: Delivery, rejected: readonly Cause[]): RecordOutcome["kind"] {
  if (isDone(delivery)) {
    return delivery.deadLettered.length > 0 ? "dead-lettered" : "published";
  }
  return rejected.length > 0 ? "failed" : "blocked";
}
