import { eventsOfAgents } from "../events-of-agents.ts";
import { faultDuration } from "../fault-duration.ts";
import {
  delayBy,
  denyAccess,
  type Effect,
  respondWith500,
  hasEntry,
  rejectEntries,
  resetConnection,
  dropResponse,
  throttle,
  withholdResponse,
} from "../fault-proxy/fault-effects.ts";
import type { ServiceRequest } from "../fault-proxy/service-exchange.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";

/** A fault of PutEvents with its duration. */
interface BusFault {
  readonly effect: Effect;
  readonly seconds: number;
  readonly matches?: (request: ServiceRequest) => boolean;
}

/** Sends a history while a fault of the bus lasts. */
export async function duringBusFault(
  { startFault, traffic, faultEnded }: ScenarioContext,
  { effect, seconds, matches }: BusFault,
): Promise<void> {
  const fault = startFault({
    service: "eventbridge",
    operation: "PutEvents",
    ...(matches && { matches }),
    effect,
  });
  const sending = traffic.send();
  await faultDuration(seconds, fault);
  fault.end();
  faultEnded();
  await sending;
}

/** Rejects everything for 3 s, so that records accumulate and the next fault affects a full batch. */
export function accumulateRecords({ startFault }: ScenarioContext): void {
  const fault = startFault({ service: "eventbridge", effect: respondWith500 });
  void faultDuration(3, fault).then(fault.end);
}

const matchShare =
  ({ random }: ScenarioContext, part: number) =>
  () =>
    random.next() < part;

/** Events that the bus rejects temporarily must not be dead-lettered. */
async function requireNoDeadLetters({ environment }: ScenarioContext): Promise<void> {
  const messages = await environment.deadLetters.messages();
  if (messages.length > 0) {
    throw new Error(`the dead-letter queue must be empty (got ${messages.length} messages)`);
  }
}

/** A scenario in which the bus recovers before any event is dead-lettered. */
function temporaryBusFault(
  name: string,
  title: string,
  faultFor: (context: ScenarioContext) => BusFault,
): Scenario {
  return {
    name,
    title,
    run: async (context) => {
      await duringBusFault(context, faultFor(context));
      await requireNoDeadLetters(context);
    },
  };
}

/** Faults of the bus after which everything is published without an operator. */
export const busFaults: readonly Scenario[] = [
  temporaryBusFault("bus-throttled", "bus throttles 75% of the requests", (context) => ({
    effect: throttle,
    seconds: 5,
    matches: matchShare(context, 0.75),
  })),
  temporaryBusFault(
    "bus-failing",
    "bus responds with 500 for 15 s, longer than the publisher's first retries",
    () => ({ effect: respondWith500, seconds: 15 }),
  ),
  temporaryBusFault(
    "bus-slow",
    "bus takes 0 to 4 s for 50% of the requests, longer than the publisher's timeout",
    (context) => ({
      effect: delayBy(() => context.random.below(4000)),
      seconds: 8,
      matches: matchShare(context, 0.5),
    }),
  ),
  temporaryBusFault("bus-reset", "bus resets 50% of the connections", (context) => ({
    effect: resetConnection,
    seconds: 4,
    matches: matchShare(context, 0.5),
  })),
  {
    name: "bus-rejects-some-entries",
    title: "bus rejects the entries of two agents in a full batch for 6 s (FailedEntryCount)",
    short: true,
    run: async (context) => {
      const isSelected = eventsOfAgents(context.account.accountId, ["a1", "a4"]);
      accumulateRecords(context);
      await duringBusFault(context, {
        effect: rejectEntries(isSelected, "InternalFailure"),
        seconds: 9,
        matches: ({ body }) => hasEntry(body, isSelected),
      });
      await requireNoDeadLetters(context);
    },
  },
  temporaryBusFault(
    "bus-rejects-any-entries",
    "bus rejects 30% of all entries for 6 s (FailedEntryCount)",
    (context) => ({
      effect: rejectEntries(matchShare(context, 0.3), "ThrottlingException"),
      seconds: 6,
    }),
  ),
  {
    ...temporaryBusFault(
      "bus-response-lost",
      "bus accepts events, but 50% of its responses are lost",
      (context) => ({ effect: dropResponse, seconds: 5, matches: matchShare(context, 0.5) }),
    ),
    short: true,
  },
  temporaryBusFault("bus-denied", "publisher lacks the permission for PutEvents for 8 s", () => ({
    effect: denyAccess,
    seconds: 8,
  })),
  {
    name: "bus-no-response",
    title: "bus does not respond within the publisher's timeout (8 s instead of 60 s)",
    run: async (context) => {
      const { publisher } = context.environment;
      const timeout = await publisher.timeout();
      await publisher.configure({ timeout: 8 });
      await duringBusFault(context, { effect: withholdResponse, seconds: 12 });
      await publisher.configure({ timeout });
      await requireNoDeadLetters(context);
    },
  },
];
