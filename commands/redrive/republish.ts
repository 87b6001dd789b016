import type { DynamoDBRecord } from "aws-lambda";

import type { EventBus } from "../../functions/bus/event-bus.ts";
import { agentOf } from "../../functions/publisher/outbox-record.ts";
import { createPublish, type Left } from "../../functions/publisher/publish.ts";
import type { Cause } from "../../functions/publisher/set-aside.ts";
import { inTurn, type Waiting } from "./waiting.ts";

/** As many as the stream's mapping hands over at once. */
const BATCH = 100;

/** So often in a row nothing at all may get through before the rest is left to another run. */
const MOST_IN_VAIN = 4;

const FIRST_PAUSE_MS = 500;

interface Surroundings {
  readonly bus: EventBus;
  readonly busName: string;
  readonly personalData: boolean;
  /** Nothing more is begun when it is aborted. */
  readonly signal: AbortSignal;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** What became of the records so far. */
export interface Progress {
  /** `metadata.id` of the events that the bus has accepted. */
  readonly accepted: ReadonlySet<string>;
  /** Why a record is not through yet; nothing when it is. */
  readonly reasonsOf: (record: DynamoDBRecord) => readonly Cause[];
}

const notTried: Cause = { code: "NotTried", message: "it was not its turn yet" };
const waits: Cause = { code: "Waits", message: "an earlier version of its agent is not through" };

/** Publishes again what waits, through the publisher's own code: each agent's versions in their order. */
export function createRepublish({ bus, busName, personalData, signal, pause }: Surroundings) {
  const accepted = new Set<string>();
  const reasons = new Map<DynamoDBRecord, readonly Cause[]>();
  const waitingOf = new Map<DynamoDBRecord, Waiting>();
  const refusedForGood = new Map<DynamoDBRecord, Cause[]>();

  const publish = createPublish({
    bus,
    busName,
    personalData,
    pause,
    // What is refused for now holds back its agent here, however old it is: nothing else waits behind it.
    patienceMs: Infinity,
    isWanted: (record, eventId) =>
      !accepted.has(eventId) && (waitingOf.get(record)?.eventIds?.has(eventId) ?? true),
    isProfileChanged: (record) => waitingOf.get(record)?.profileChanged ?? false,
    setAside: (record, cause) => {
      refusedForGood.set(record, [...(refusedForGood.get(record) ?? []), cause]);
      return Promise.resolve(undefined);
    },
  });

  const progress: Progress = {
    accepted,
    reasonsOf: (record) => reasons.get(record) ?? [],
  };

  function note(batch: readonly Waiting[], left: readonly Left[]): void {
    const refused = new Map(left.map((each) => [each.record, each.refused]));
    for (const { record } of batch) {
      const forNow = refused.get(record);
      const because = [
        ...(refusedForGood.get(record) ?? []),
        ...(forNow?.length === 0 ? [signal.aborted ? notTried : waits] : (forNow ?? [])),
      ];
      if (because.length === 0) {
        reasons.delete(record);
      } else {
        reasons.set(record, because);
      }
    }
  }

  /** Returns those of a batch that may get through another time. */
  async function publishBatch(batch: readonly Waiting[]): Promise<Waiting[]> {
    for (const { record } of batch) {
      refusedForGood.delete(record);
    }
    const published = await publish(
      batch.map(({ record }) => record),
      signal,
    );
    for (const { id } of published.accepted) {
      accepted.add(id);
    }
    note(batch, published.left);
    const left = new Set(published.left.map(({ record }) => record));
    return batch.filter(({ record }) => left.has(record));
  }

  let inVain = 0;
  const isHopeless = () => inVain >= MOST_IN_VAIN || signal.aborted;

  /** Goes through them once. Returns those that are left, an agent's later versions behind its first. */
  async function pass(
    turns: readonly Waiting[],
    after: (batch: readonly Waiting[]) => Promise<void>,
  ): Promise<readonly Waiting[]> {
    const left: Waiting[] = [];
    const stopped = new Set<string>();
    for (let start = 0; start < turns.length; start += BATCH) {
      if (isHopeless()) {
        return [...left, ...turns.slice(start)];
      }
      const { held = [], batch = [] } = Object.groupBy(
        turns.slice(start, start + BATCH),
        ({ record }) => (stopped.has(agentOf(record)) ? "held" : "batch"),
      );
      const failed = await publishBatch(batch);
      for (const { record } of failed) {
        stopped.add(agentOf(record));
      }
      left.push(...held, ...failed);
      await after(batch);
      inVain = failed.length < batch.length ? 0 : inVain + Math.sign(batch.length);
      if (inVain > 0) {
        await pause(FIRST_PAUSE_MS * 2 ** inVain);
      }
    }
    return left;
  }

  return {
    progress,

    /**
     * Publishes them, for as long as some get through.
     *
     * @param after is told of each batch.
     */
    async republish(
      waiting: readonly Waiting[],
      after: (batch: readonly Waiting[]) => Promise<void>,
    ): Promise<void> {
      for (const each of waiting) {
        waitingOf.set(each.record, each);
        reasons.set(each.record, [notTried]);
      }
      for (let left: readonly Waiting[] = waiting; left.length > 0 && !isHopeless();) {
        left = await pass(inTurn(left), after);
      }
      waitingOf.clear();
    },
  };
}

/** @see createRepublish */
export type Republishing = ReturnType<typeof createRepublish>;
