import { setTimeout as sleep } from "node:timers/promises";

import { aged, failing, hasEntry, refusingEntries } from "../fault-proxy/faults.ts";
import type { ActiveFault } from "../fault-proxy/proxy.ts";
import { agentsOf } from "../agents-of.ts";
import { bundled } from "../changed-code.ts";
import { redrive } from "../operate.ts";
import type { Run, Scenario } from "../scenario.ts";
import type { SetAsideMessage } from "../set-aside.ts";
import { whileBus } from "./bus.ts";

/** What lies in the queue once nothing more comes. */
async function settledMessages({ stand }: Run): Promise<readonly SetAsideMessage[]> {
  for (let before = -1; ; await sleep(2000)) {
    const messages = await stand.setAside.messages();
    if (messages.length === before) {
      return messages;
    }
    before = messages.length;
  }
}

/** Some events of a history are set aside, the rest is told, and redriving tells them too. */
async function setAsideAndRedriven(run: Run, codes: readonly string[]): Promise<void> {
  const messages = await settledMessages(run);
  run.happened("something set aside", messages.length);
  const others = messages.filter(({ code }) => !codes.includes(code));
  if (others.length > 0) {
    throw new Error(`set aside with ${others.map(({ code }) => code).join()}, not ${codes.join()}`);
  }
  for (const { eventId } of messages) {
    run.setAside.add(eventId ?? "");
  }
  run.mended();
  await redrive(run.stand);
}

/** A change that the deployed publisher cannot read: of one agent, in the middle of the others. */
const UNREADABLE = {
  file: "functions/store/read-item.ts",
  from: "function stateIn(item: Attributes): AgentState {\n",
  to: `function stateIn(item: Attributes): AgentState {
  if (item["availabilityId"]?.S === "a3" && Number(item["version"]?.N) === 2) {
    throw new UnreadableItemError("status.id", "known to this version");
  }
`,
};

const HOURS_22 = 22 * 3600;

/** Waits until a fault meets nothing more: the driver's longest pause is 5 s. */
async function untilQuiet({ hits }: ActiveFault): Promise<void> {
  for (let before = -1; before < hits(); await sleep(6000)) {
    before = hits();
  }
}

/** What cannot be told, or not in time, waits for a person, who redrives it. */
export const setAsideScenarios: readonly Scenario[] = [
  {
    name: "bus-refuses-for-good",
    title: "bus refuses entries as malformed: set aside, then redriven",
    short: true,
    run: async (run) => {
      const isChosen = agentsOf(run.account.accountId, ["a2"]);
      const act = refusingEntries(isChosen, "MalformedDetail");
      await whileBus(run, { act, seconds: 4, meets: ({ body }) => hasEntry(body, isChosen) });
      await setAsideAndRedriven(run, ["MalformedDetail"]);
    },
  },
  {
    name: "bus-refuses-too-long",
    title: "bus refuses one agent for over 15 minutes (simulated clock): set aside, then redriven",
    run: async (run) => {
      run.stand.setClockAhead(16 * 60_000);
      const isChosen = agentsOf(run.account.accountId, ["a3"]);
      const act = refusingEntries(isChosen, "InternalFailure");
      await whileBus(run, { act, seconds: 12, meets: ({ body }) => hasEntry(body, isChosen) });
      run.stand.setClockAhead(0);
      await setAsideAndRedriven(run, ["InternalFailure"]);
    },
  },
  {
    name: "queue-down-too",
    title: "bus refuses entries as malformed, and the set-aside queue is down for 8 s",
    run: async (run) => {
      const isChosen = agentsOf(run.account.accountId, ["a2"]);
      const queue = run.fault({ service: "sqs", operation: "SendMessage", act: failing });
      const bus = run.fault({
        service: "eventbridge",
        meets: ({ body }) => hasEntry(body, isChosen),
        act: refusingEntries(isChosen, "InvalidArgument"),
      });
      const sending = run.send();
      await sleep(8000);
      queue.end();
      await sending;
      await run.untilTold(6000);
      bus.end();
      await setAsideAndRedriven(run, ["InvalidArgument"]);
    },
  },
  {
    name: "poison",
    title: "records in the middle that the publisher cannot read: set aside; mended, redriven",
    run: async (run) => {
      const { stand } = run;
      await stand.publisher.replaceCode(await bundled("publisher", [UNREADABLE]));
      await run.send();
      const messages = await settledMessages(run);
      const unreadable = messages.filter(({ code }) => code === "UnreadableRecord");
      run.happened("records set aside as unreadable", unreadable.length);
      await stand.publisher.replaceCode(await bundled("publisher", []));
      run.mended();
      await run.send({ prefix: "later" });
      // Of agent a3 nothing says in which order the rest comes.
      run.unordered.add("a3");
      await redrive(stand);
    },
  },
  {
    name: "failure-destination",
    title:
      "bus down until the mapping gives records up (22 h, looked older): redriven from the bucket",
    run: async (run) => {
      const { stand } = run;
      const stream = run.fault({
        service: "streams",
        operation: "GetRecords",
        act: aged(HOURS_22 - 5),
      });
      const bus = run.fault({ service: "eventbridge", operation: "PutEvents", act: failing });
      await run.send();
      await untilQuiet(bus);
      const batches = await stand.setAside.failedBatches();
      run.happened("batches in the failure destination", batches.length);
      stream.end();
      bus.end();
      run.mended();
      await redrive(stand);
    },
  },
];
