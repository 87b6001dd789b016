import { setTimeout as sleep } from "node:timers/promises";

import * as z from "zod";

import type { ReceivedEvent } from "../../../local/sample-day/listener.ts";
import { untilOccurred } from "../fault-duration.ts";
import {
  delayBy,
  denyAccess,
  type Effect,
  respondWith500,
  rejectEntries,
  resetConnection,
  dropResponse,
  throttle,
} from "../fault-proxy/fault-effects.ts";
import type { ActiveFault } from "../fault-proxy/fault-proxy.ts";
import type { Service } from "../fault-proxy/service-exchange.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";

/** Faults with the share of requests that each affects. The first one that matches handles a request. */
type FaultMix = readonly (readonly [
  service: Service,
  operation: string,
  share: number,
  effect: Effect,
])[];

function faultMix({ random }: ScenarioContext): FaultMix {
  const rejectingSome = rejectEntries(() => random.next() < 0.3, "InternalFailure");
  return [
    ["dynamodb", "UpdateItem", 0.15, throttle],
    ["dynamodb", "UpdateItem", 0.15, dropResponse],
    ["dynamodb", "UpdateItem", 0.15, delayBy(() => random.below(1500))],
    ["dynamodb", "UpdateItem", 0.1, resetConnection],
    ["eventbridge", "PutEvents", 0.15, throttle],
    ["eventbridge", "PutEvents", 0.15, dropResponse],
    ["eventbridge", "PutEvents", 0.15, rejectingSome],
    ["eventbridge", "PutEvents", 0.1, delayBy(() => random.below(3500))],
    ["eventbridge", "PutEvents", 0.1, denyAccess],
    ["secretsmanager", "GetSecretValue", 0.7, respondWith500],
    ["streams", "GetRecords", 0.2, respondWith500],
  ];
}

const SECONDS = 15;

/** Kills the publisher every 1.5 s and ingest every 2.5 s. @returns the number of killed processes. */
async function killFunctions({ environment }: ScenarioContext): Promise<number> {
  let killed = 0;
  for (let halfSecond = 0; halfSecond < 2 * SECONDS; halfSecond += 1) {
    await sleep(500);
    killed += halfSecond % 3 === 0 ? environment.publisher.signal("SIGKILL") : 0;
    killed += halfSecond % 5 === 0 ? environment.ingest.signal("SIGKILL") : 0;
  }
  return killed;
}

const metadataSchema = z.object({ id: z.string() });
const idOf = ({ detail }: ReceivedEvent) => metadataSchema.parse(detail["metadata"]).id;

/** Faults of several components, and a stream that is read again. */
export const combinedFaults: readonly Scenario[] = [
  {
    name: "combined",
    title: "table, bus, Secrets Manager and stream fail for 15 s while functions are killed",
    short: true,
    run: async (context) => {
      const { random, traffic, startFault, requireOccurred, faultEnded } = context;
      const faults = faultMix(context).map(([service, operation, share, effect]) => {
        // Some services get so few requests that a share of them may be none: the first one always matches.
        const matches = (): boolean => fault.hits() === 0 || random.next() < share;
        const fault: ActiveFault = startFault({ service, operation, matches, effect });
        return fault;
      });
      const sending = traffic.send({ agents: 12, changes: 12, pauseMs: 50 });
      requireOccurred("a killed function", await killFunctions(context));
      for (const fault of faults) {
        await untilOccurred(() => fault.hits() > 0);
        fault.end();
      }
      faultEnded();
      await sending;
    },
  },
  {
    name: "mapping-recreated",
    title: "event source mapping is recreated: all records of the stream are delivered again",
    run: async ({ environment, account, traffic, untilPublished, requireOccurred, faultEnded }) => {
      const { observer } = environment;
      await traffic.send();
      await untilPublished();
      const before = (await observer.observe(account.accountId)).events.length;
      await environment.restartMapping();
      await traffic.send({ prefix: "later" });
      faultEnded();
      // The stream is read in order: once the later events are published, all others were published again.
      await untilPublished();
      const { events } = await observer.observe(account.accountId);
      requireOccurred("a repeated event", events.length - new Set(events.map(idOf)).size);
      requireOccurred("an event before the mapping was recreated", before);
    },
  },
];
