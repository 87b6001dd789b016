import { callsOf } from "../bus/calls.ts";
import type { Entry } from "../bus/entry.ts";
import type { EventBus, Rejection } from "../bus/event-bus.ts";
import { applyResponses, type Delivery } from "./delivery.ts";
import { createRetryPolicy, isPermanent, pauseMs } from "./retry-policy.ts";

export interface SendDependencies {
  readonly bus: EventBus;
  /** Waits between two attempts; returns early if the signal is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /**
   * Age of a record from which its rejected entries are dead-lettered, in milliseconds.
   *
   * @default - 15 minutes
   */
  readonly deadLetterAfterMs?: number;
}

/** Creates the function that sends the entries of different agents to the bus, with retries. */
export function createSend({ bus, pause, deadLetterAfterMs }: SendDependencies) {
  const policy = createRetryPolicy(deadLetterAfterMs);

  /** The entry that the bus accepted last, in this invocation or an earlier one. */
  let lastAccepted: Entry | undefined;

  async function attempt(
    deliveries: readonly Delivery[],
    isUndeliverable: (rejection: Rejection) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const pending = deliveries.flatMap((delivery) => delivery.pending);
    // One bad entry fails its whole call. In the next attempt, each entry of that call is sent alone.
    const { alone = [], together = [] } = Object.groupBy(pending, ({ rejection }) =>
      rejection?.wholeCall ? "alone" : "together",
    );
    const responses = await bus.put(
      [...callsOf(together.map(({ entry }) => entry)), ...alone.map(({ entry }) => [entry])],
      signal,
    );
    for (const delivery of deliveries) {
      applyResponses(delivery, responses, isUndeliverable);
      lastAccepted = delivery.accepted.at(-1) ?? lastAccepted;
    }
  }

  /**
   * Returns whether the bus now accepts an entry that it has accepted before. This shows whether the bus or an
   * entry is the reason for a rejection. Earlier successes in this batch do not show it: a permission may have
   * been revoked since then.
   */
  async function acceptsKnownEntry(signal: AbortSignal): Promise<boolean> {
    if (lastAccepted === undefined) {
      return false;
    }
    const responses = await bus.put([[lastAccepted]], signal);
    return responses.get(lastAccepted)?.kind === "accepted";
  }

  /** Sends entries of old records one last time. Entries that the bus still rejects can never be published. */
  async function lastAttempt(deliveries: readonly Delivery[], signal: AbortSignal): Promise<void> {
    if (deliveries.length > 0 && !signal.aborted && (await acceptsKnownEntry(signal))) {
      await attempt(deliveries, ({ conclusive }) => conclusive, signal);
    }
  }

  return async (deliveries: readonly Delivery[], signal: AbortSignal): Promise<void> => {
    let pending = deliveries;
    for (let attempts = 1; pending.length > 0 && !signal.aborted; attempts += 1) {
      await attempt(pending, isPermanent, signal);
      pending = pending.filter(
        (delivery) =>
          delivery.pending.length > 0 && attempts < policy.maxAttempts(delivery.request.record),
      );
      if (pending.length > 0) {
        await pause(pauseMs(attempts), signal);
      }
    }
    const old = deliveries.filter(
      (delivery) => delivery.pending.length > 0 && policy.isOld(delivery.request.record),
    );
    await lastAttempt(old, signal);
  };
}
