import { setTimeout as sleep } from "node:timers/promises";

import { agentsOf } from "../agents-of.ts";
import {
  type Act,
  answerLost,
  blackHoled,
  delayed,
  denied,
  failing,
  hasEntry,
  refusingEntries,
  resetting,
  throttled,
} from "../fault-proxy/faults.ts";
import type { ServiceRequest } from "../fault-proxy/exchange.ts";
import type { Run, Scenario } from "../scenario.ts";

/** What the bus does, to which calls, for how long. */
interface BusFault {
  readonly act: Act;
  readonly seconds: number;
  readonly meets?: (request: ServiceRequest) => boolean;
}

/** A history goes in while the bus does something for some seconds. */
export async function whileBus(run: Run, { act, seconds, meets }: BusFault): Promise<void> {
  const fault = run.fault({
    service: "eventbridge",
    operation: "PutEvents",
    ...(meets && { meets }),
    act,
  });
  const sending = run.send();
  await sleep(seconds * 1000);
  fault.end();
  run.mended();
  await sending;
}

/** For 3 s nothing gets through, so that records gather: what then breaks, breaks in a full batch. */
export function gather(run: Run): void {
  const gathering = run.fault({ service: "eventbridge", act: failing });
  setTimeout(gathering.end, 3000);
}

const share = (run: Run, part: number) => () => run.chance.next() < part;

/** Events that the bus rejects temporarily must not be dead-lettered. */
async function nothingDeadLettered(run: Run): Promise<void> {
  const messages = await run.stand.deadLetters.messages();
  if (messages.length > 0) {
    throw new Error(`${messages.length} events were dead-lettered, and none must be`);
  }
}

/** What the bus does wrong. */
export const busScenarios: readonly Scenario[] = [
  {
    name: "bus-throttled",
    title: "bus throttles three of four calls",
    run: async (run) => {
      await whileBus(run, { act: throttled, seconds: 5, meets: share(run, 0.75) });
      await nothingDeadLettered(run);
    },
  },
  {
    name: "bus-down",
    title: "bus answers 500 for 15 s, longer than the first tries",
    run: async (run) => {
      await whileBus(run, { act: failing, seconds: 15 });
      await nothingDeadLettered(run);
    },
  },
  {
    name: "bus-slow",
    title: "bus slow: calls take 0 to 4 s, and arrive after their caller gave up",
    run: async (run) => {
      const act = delayed(() => run.chance.below(4000));
      await whileBus(run, { act, seconds: 8, meets: share(run, 0.5) });
      await nothingDeadLettered(run);
    },
  },
  {
    name: "bus-reset",
    title: "bus resets half of the connections",
    run: async (run) => {
      await whileBus(run, { act: resetting, seconds: 4, meets: share(run, 0.5) });
      await nothingDeadLettered(run);
    },
  },
  {
    name: "bus-refuses-for-a-while",
    title: "bus refuses single entries of a full batch (200, FailedEntryCount) for 6 s",
    short: true,
    run: async (run) => {
      const isChosen = agentsOf(run.account.accountId, ["a1", "a4"]);
      const act = refusingEntries(isChosen, "InternalFailure");
      gather(run);
      await whileBus(run, { act, seconds: 9, meets: ({ body }) => hasEntry(body, isChosen) });
      await nothingDeadLettered(run);
    },
  },
  {
    name: "bus-refuses-any",
    title: "bus refuses one of three entries, whichever, for 6 s",
    run: async (run) => {
      const act = refusingEntries(share(run, 0.3), "ThrottlingException");
      await whileBus(run, { act, seconds: 6 });
      await nothingDeadLettered(run);
    },
  },
  {
    name: "bus-answer-lost",
    title: "bus accepts, and every second answer is lost",
    short: true,
    run: async (run) => {
      await whileBus(run, { act: answerLost, seconds: 5, meets: share(run, 0.5) });
      await nothingDeadLettered(run);
    },
  },
  {
    name: "bus-denied",
    title: "bus denies the publisher's permission for 8 s: retried, nothing dead-lettered",
    run: async (run) => {
      await whileBus(run, { act: denied, seconds: 8 });
      await nothingDeadLettered(run);
    },
  },
  {
    name: "bus-black-holed",
    title: "bus says nothing for longer than the publisher's time (8 s instead of 60)",
    run: async (run) => {
      const seconds = await run.stand.publisher.timeout();
      await run.stand.publisher.configure({ timeout: 8 });
      await whileBus(run, { act: blackHoled, seconds: 12 });
      await run.stand.publisher.configure({ timeout: seconds });
      await nothingDeadLettered(run);
    },
  },
];
