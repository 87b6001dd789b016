import * as z from "zod";

import type { ReceivedEvent } from "../../local/sample-day/listener.ts";
import type { Delivery } from "./delivery.ts";
import type { Scenario } from "./scenario.ts";
import type { Verification } from "./verifier/verify.ts";

export interface Outcome extends Counts {
  readonly scenario: Scenario;
  readonly load: Load;
  /** Lines that the scenario added. */
  readonly notes: readonly string[];
  readonly verification: Verification;
  /** Faults that matched no request, and other preconditions that were not met. */
  readonly notOccurred: readonly string[];
  /** The error with which the scenario ended early. */
  readonly error: string | undefined;
  /** Time from the end of the fault until nothing was missing. */
  readonly recoverySeconds: number;
}

interface Counts {
  readonly requests: number;
  /** Requests with a 200 response. */
  readonly succeeded: number;
  readonly failed: number;
  /** Different events that were received. */
  readonly events: number;
}

/** The durations of sending, responding and publishing, in milliseconds. */
export interface Load {
  /** From the first request to the last response. */
  readonly sending: number;
  /** For each request, until its response. */
  readonly responses: readonly number[];
  /** For each event, from receiving its change to publishing it. */
  readonly published: readonly number[];
}

const metadataSchema = z.object({
  id: z.string(),
  receivedAt: z.string().optional(),
  publishedAt: z.string(),
});

/** Counts a scenario's requests and events. */
export function countsOf(
  deliveries: readonly Delivery[],
  events: readonly ReceivedEvent[],
): Counts {
  const attempts = deliveries.flatMap((delivery) => delivery.attempts);
  const succeeded = attempts.filter(({ status }) => status === 200).length;
  const ids = events.map(({ detail }) => metadataSchema.parse(detail["metadata"]).id);
  return {
    requests: attempts.length,
    succeeded,
    failed: attempts.length - succeeded,
    events: new Set(ids).size,
  };
}

/** Collects a scenario's durations. */
export function loadOf(
  sending: number,
  deliveries: readonly Delivery[],
  events: readonly ReceivedEvent[],
): Load {
  return {
    sending,
    responses: deliveries.flatMap(({ attempts }) =>
      attempts.map(({ milliseconds }) => milliseconds),
    ),
    published: events.flatMap(({ detail }) => {
      const { receivedAt, publishedAt } = metadataSchema.parse(detail["metadata"]);
      return receivedAt === undefined ? [] : Date.parse(publishedAt) - Date.parse(receivedAt);
    }),
  };
}

/** Returns whether the hub kept its guarantees and the scenario really tested them. */
export function isPassed({ verification, notOccurred, error }: Outcome): boolean {
  const { lost, unexpected, regressed, outOfOrder } = verification;
  const problems = [...lost, ...unexpected, ...regressed, ...outOfOrder, ...notOccurred];
  return problems.length === 0 && error === undefined;
}
