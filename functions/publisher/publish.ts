import type { DeadLetter } from "./dead-letter.ts";
import {
  createDelivery,
  type Delivery,
  type EntryOptions,
  isDone,
  outcomeOf,
  type PublishRequest,
  type RecordOutcome,
} from "./delivery.ts";
import { agentKeyOf } from "../store/outbox-record.ts";
import { createSend, type SendDependencies } from "./send.ts";

export interface PublishDependencies extends SendDependencies, EntryOptions {
  /**
   * Moves a record to the dead-letter queue.
   *
   * @default - the causes are only part of the outcome
   */
  readonly deadLetter?: DeadLetter;
}

/** Creates the function that publishes stream records: in order for each agent, agents in parallel. */
export function createPublish(dependencies: PublishDependencies) {
  const { deadLetter } = dependencies;
  const send = createSend(dependencies);

  /** Waits until the record's other events are published, so that a record that is retried is dead-lettered once. */
  async function deadLetterUndeliverable(delivery: Delivery): Promise<void> {
    if (delivery.pending.length > 0) {
      return;
    }
    for (const cause of delivery.undeliverable) {
      const failure = await deadLetter?.(delivery.request.record, cause);
      if (failure) {
        delivery.deadLetterFailure = failure;
        return;
      }
      delivery.deadLettered.push(cause);
    }
    delivery.undeliverable = [];
  }

  /**
   * Publishes the oldest record of every agent, then the next ones. After a failure, sends no other record of that
   * agent. Returns an outcome for each request, in their order.
   */
  return async <Request extends PublishRequest>(
    requests: readonly Request[],
    signal: AbortSignal,
  ): Promise<RecordOutcome<Request>[]> => {
    const deliveries = requests.map((request) => createDelivery(request, dependencies));
    let agents = [...Map.groupBy(deliveries, ({ request }) => agentKeyOf(request.record)).values()];
    while (agents.length > 0 && !signal.aborted) {
      const oldest = agents.flatMap((ofAgent) => ofAgent.slice(0, 1));
      await send(oldest, signal);
      await Promise.all(oldest.map(deadLetterUndeliverable));
      agents = agents
        .filter((ofAgent) => ofAgent.slice(0, 1).every(isDone))
        .map((ofAgent) => ofAgent.slice(1))
        .filter((ofAgent) => ofAgent.length > 0);
    }
    return deliveries.map(outcomeOf);
  };
}
