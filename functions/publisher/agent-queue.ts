import type { DynamoDBRecord } from "aws-lambda";

import type { Entry } from "../bus/entry.ts";
import { agentOf } from "./outbox-record.ts";
import type { Cause } from "./set-aside.ts";

/** A record, and what is still to be done for it. */
export interface Work {
  readonly record: DynamoDBRecord;
  /** Those of its events that the bus has not accepted yet. */
  pending: readonly Entry[];
  /** What of it can never be published, and still has to be set aside. */
  causes: readonly Cause[];
}

/** The records of one agent, oldest first. Only the first is worked on. */
export interface AgentQueue {
  works: readonly Work[];
  /** Whether the first record did not get through: then nothing later of this agent is sent. */
  isStopped: boolean;
}

/** The records of a batch by agent, in their order. */
export function queuesOf(works: readonly Work[]): AgentQueue[] {
  const agents = Map.groupBy(works, ({ record }) => agentOf(record));
  return [...agents.values()].map((each) => ({ works: each, isStopped: false }));
}

/** The first records of all agents that are not stopped. */
export function headsOf(queues: readonly AgentQueue[]): Work[] {
  return queues.flatMap(({ works, isStopped }) => (isStopped ? [] : works.slice(0, 1)));
}

/** Goes on to the agents' next records, or stops where the first one did not get through. */
export function advance(queues: readonly AgentQueue[]): void {
  for (const queue of queues) {
    const [head] = queue.works;
    if (head?.pending.length === 0 && head.causes.length === 0) {
      queue.works = queue.works.slice(1);
    } else {
      queue.isStopped = true;
    }
  }
}
