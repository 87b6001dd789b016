import { setTimeout as sleep } from "node:timers/promises";

import * as z from "zod";

import {
  type Act,
  answerLost,
  delayed,
  denied,
  failing,
  refusingEntries,
  resetting,
  throttled,
} from "../fault-proxy/faults.ts";
import type { Service } from "../fault-proxy/exchange.ts";
import type { ActiveFault } from "../fault-proxy/proxy.ts";
import type { ReceivedEvent } from "../../../local/sample-day/listener.ts";
import type { Run, Scenario } from "../scenario.ts";

/** What is wrong with a service, and with how many of its calls; of several, the first that meets a call. */
type Weather = readonly (readonly [service: Service, operation: string, share: number, act: Act])[];

function weatherFor(run: Run): Weather {
  const { chance } = run;
  return [
    ["dynamodb", "UpdateItem", 0.15, throttled],
    ["dynamodb", "UpdateItem", 0.15, answerLost],
    ["dynamodb", "UpdateItem", 0.15, delayed(() => chance.below(1500))],
    ["dynamodb", "UpdateItem", 0.1, resetting],
    ["eventbridge", "PutEvents", 0.15, throttled],
    ["eventbridge", "PutEvents", 0.15, answerLost],
    [
      "eventbridge",
      "PutEvents",
      0.15,
      refusingEntries(() => chance.next() < 0.3, "InternalFailure"),
    ],
    ["eventbridge", "PutEvents", 0.1, delayed(() => chance.below(3500))],
    ["eventbridge", "PutEvents", 0.1, denied],
    ["secretsmanager", "GetSecretValue", 0.7, failing],
    ["streams", "GetRecords", 0.2, failing],
  ];
}

const SECONDS = 15;

/** Kills the publisher every 1.5 s and ingest every 2.5 s, whatever they do. */
async function killing({ stand }: Run): Promise<number> {
  let killed = 0;
  for (let half = 0; half < 2 * SECONDS; half += 1) {
    await sleep(500);
    killed += half % 3 === 0 ? stand.publisher.signal("SIGKILL") : 0;
    killed += half % 5 === 0 ? stand.ingest.signal("SIGKILL") : 0;
  }
  return killed;
}

const metadataSchema = z.object({ id: z.string() });
const idOf = ({ detail }: ReceivedEvent) => metadataSchema.parse(detail["metadata"]).id;

/** Everything at once, and everything once more. */
export const stormScenarios: readonly Scenario[] = [
  {
    name: "storm",
    title: "all of it at once for 15 s: table, bus, keys, stream, and functions killed",
    short: true,
    run: async (run) => {
      const faults = weatherFor(run).map(([service, operation, share, act]) => {
        // The first call for certain: a share of the few that some services get in that time may be none.
        const meets = (): boolean => fault.hits() === 0 || run.chance.next() < share;
        const fault: ActiveFault = run.fault({ service, operation, meets, act });
        return fault;
      });
      const sending = run.send({ agents: 12, changes: 12, pace: 50 });
      run.happened("functions killed", await killing(run));
      for (const fault of faults) {
        fault.end();
      }
      run.mended();
      await sending;
    },
  },
  {
    name: "mapping-anew",
    title: "the stream's mapping made anew: all that the stream keeps is delivered again",
    run: async (run) => {
      await run.send();
      await run.untilTold();
      const before = (await run.stand.witness.look(run.account.accountId)).events.length;
      await run.stand.restartMapping();
      await run.send({ prefix: "later" });
      run.mended();
      // What is first in the stream comes first: once the last is told, all was repeated.
      await run.untilTold();
      const { events } = await run.stand.witness.look(run.account.accountId);
      run.happened("events told again", events.length - new Set(events.map(idOf)).size);
      run.happened("events before", before);
    },
  },
];
