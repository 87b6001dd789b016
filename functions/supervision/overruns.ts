import type { AgentLookup } from "../../client/lookups/agent-lookup.ts";
import type { EventOptions, SupervisionEvent } from "../availability/typed-event.ts";
import {
  type DueTime,
  dueAtOf,
  dueTimesOf,
  isOverrun,
  overrunEvent,
  type StatusLimit,
} from "../availability/overrun.ts";
import type { MetricsWriter } from "../metrics/write-metrics.ts";
import type { OverrunMessage } from "./overrun-message.ts";
import type { Schedules } from "./schedules.ts";

export interface OverrunDependencies {
  readonly limits: readonly StatusLimit[];
  readonly lookup: Pick<AgentLookup, "byAvailabilityId">;
  readonly schedules: Schedules;
  /** Resolves after the bus has accepted the event. */
  readonly publish: (event: SupervisionEvent) => Promise<void>;
  readonly options: EventOptions;
  readonly metrics: Pick<MetricsWriter<"supervision">, "count">;
  /** The clock, in epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

/** Creates the function that processes messages about overruns. Processing a message again is safe. */
export function createOverruns(dependencies: OverrunDependencies) {
  const { limits, lookup, schedules, publish, options, metrics, now = Date.now } = dependencies;

  /** Publishes the overrun if the table shows that the agent is still in the status. */
  async function publishOverrun(due: DueTime): Promise<void> {
    const { accountId, availabilityId } = due;
    const item = await lookup.byAvailabilityId(accountId, availabilityId, { consistent: true });
    if (!isOverrun(due, item, limits)) {
      metrics.count("OverrunsPrevented");
      return;
    }
    // If a person has several items, only the item that lookups return counts.
    const person = await lookup.byAvailabilityId(accountId, availabilityId, {
      consistent: true,
      joined: true,
    });
    if (person?.availabilityId !== availabilityId) {
      metrics.count("OverrunsPrevented");
      return;
    }
    await publish(overrunEvent(due, item, options));
    metrics.count("OverrunsPublished");
  }

  async function waitOrPublish(due: DueTime, attempt: number): Promise<void> {
    const time = now();
    if (dueAtOf(due) > time) {
      await schedules.create(due, attempt, time);
      metrics.count("DueTimesScheduled");
      return;
    }
    await publishOverrun(due);
  }

  return async (message: OverrunMessage): Promise<void> => {
    if (message.kind === "due") {
      // The schedule may have fired early. If so, another one is created.
      await waitOrPublish(message.due, message.attempt + 1);
      return;
    }
    for (const due of dueTimesOf(limits, message.agent)) {
      await waitOrPublish(due, 1);
    }
  };
}
