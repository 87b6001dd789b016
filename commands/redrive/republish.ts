import type { Cause } from "../../functions/publisher/dead-letter.ts";
import type { RecordOutcome } from "../../functions/publisher/delivery.ts";
import { agentKeyOf } from "../../functions/store/outbox-record.ts";
import { createPublish, type PublishDependencies } from "../../functions/publisher/publish.ts";
import { inPublishingOrder, type PendingRecord } from "./pending-records.ts";

/** The batch size of the stream's event source mapping. */
const BATCH_SIZE = 100;

/** After this many batches in a row without any success, the rest is left to another run. */
const MAX_FAILED_BATCHES = 4;

const FIRST_PAUSE_MS = 1000;

export interface RepublishDependencies extends Pick<
  PublishDependencies,
  "bus" | "busName" | "personalData" | "pause"
> {
  /** No further batch starts once it is aborted. */
  readonly signal: AbortSignal;
}

/** Called after each batch with its records and the number of events that the bus accepted. */
export type AfterBatch = (batch: readonly PendingRecord[], accepted: number) => Promise<void>;

const blockedCause: Cause = {
  code: "Blocked",
  message: "an earlier version of the agent is not published yet",
};

/** Creates the function that publishes records with the publisher's own code, each agent's versions in order. */
export function createRepublish({ signal, ...dependencies }: RepublishDependencies) {
  const publish = createPublish({
    ...dependencies,
    // A rejection blocks only the agent of the record, so that a record is never too old for another attempt.
    deadLetterAfterMs: Infinity,
  });

  function applyOutcome(outcome: RecordOutcome<PendingRecord>): void {
    const { request: pending, kind, accepted, deadLettered, rejected } = outcome;
    for (const { id } of accepted) {
      pending.published.add(id);
    }
    if (kind !== "blocked") {
      pending.causes = [...deadLettered, ...rejected];
    } else if (!signal.aborted) {
      pending.causes = [blockedCause];
    }
  }

  let failedBatches = 0;
  const isOver = () => failedBatches >= MAX_FAILED_BATCHES || signal.aborted;

  /** Publishes a batch. Returns the records that another attempt may publish. */
  async function publishBatch(
    batch: readonly PendingRecord[],
    afterBatch: AfterBatch,
  ): Promise<PendingRecord[]> {
    const outcomes = await publish(batch, signal);
    for (const outcome of outcomes) {
      applyOutcome(outcome);
    }
    await afterBatch(batch, outcomes.flatMap(({ accepted }) => accepted).length);
    const unpublished = outcomes.filter(({ kind }) => kind === "failed" || kind === "blocked");
    failedBatches = unpublished.length < batch.length ? 0 : failedBatches + 1;
    if (failedBatches > 0) {
      await dependencies.pause(FIRST_PAUSE_MS * 2 ** (failedBatches - 1), signal);
    }
    return unpublished.map(({ request }) => request);
  }

  /** Attempts all records once. Returns those that another pass may publish. */
  async function pass(
    records: readonly PendingRecord[],
    afterBatch: AfterBatch,
  ): Promise<PendingRecord[]> {
    const unpublished: PendingRecord[] = [];
    const blockedAgents = new Set<string>();
    for (let start = 0; start < records.length; start += BATCH_SIZE) {
      if (isOver()) {
        return [...unpublished, ...records.slice(start)];
      }
      const { wait = [], batch = [] } = Object.groupBy(
        records.slice(start, start + BATCH_SIZE),
        ({ record }) => (blockedAgents.has(agentKeyOf(record)) ? "wait" : "batch"),
      );
      unpublished.push(...wait);
      if (batch.length > 0) {
        const failed = await publishBatch(batch, afterBatch);
        for (const { record } of failed) {
          blockedAgents.add(agentKeyOf(record));
        }
        unpublished.push(...failed);
      }
    }
    return unpublished;
  }

  /** Publishes records as long as some of them succeed. Updates each record's state. */
  return async (records: readonly PendingRecord[], afterBatch: AfterBatch): Promise<void> => {
    for (let pending = [...records]; pending.length > 0 && !isOver();) {
      pending = await pass(inPublishingOrder(pending), afterBatch);
    }
  };
}

export type Republish = ReturnType<typeof createRepublish>;
