import { setTimeout as sleep } from "node:timers/promises";

import { aged, failing, hasEntry, refusingEntries } from "../fault-proxy/faults.ts";
import type { ActiveFault } from "../fault-proxy/proxy.ts";
import { agentsOf } from "../agents-of.ts";
import { bundled } from "../changed-code.ts";
import { redrive } from "../operate.ts";
import type { Run, Scenario } from "../scenario.ts";
import type { DeadLetterMessage } from "../dead-letters.ts";
import { whileBus } from "./bus.ts";

/** Returns the messages of the dead-letter queue once no more arrive. */
async function settledMessages({ stand }: Run): Promise<readonly DeadLetterMessage[]> {
  for (let before = -1; ; await sleep(2000)) {
    const messages = await stand.deadLetters.messages();
    if (messages.length === before) {
      return messages;
    }
    before = messages.length;
  }
}

/** Redrives the dead-lettered events of a history whose other events are published. */
async function deadLetteredAndRedriven(run: Run, codes: readonly string[]): Promise<void> {
  const messages = await settledMessages(run);
  run.happened("dead-lettered events", messages.length);
  const others = messages.filter(({ code }) => !codes.includes(code));
  if (others.length > 0) {
    throw new Error(
      `dead-lettered with ${others.map(({ code }) => code).join()}, not ${codes.join()}`,
    );
  }
  for (const { eventId } of messages) {
    run.deadLettered.add(eventId ?? "");
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

/** Events that cannot be published, or not in time, are redriven by an operator. */
export const deadLetterScenarios: readonly Scenario[] = [
  {
    name: "bus-refuses-for-good",
    title: "bus rejects entries as malformed: dead-lettered, then redriven",
    short: true,
    run: async (run) => {
      const isChosen = agentsOf(run.account.accountId, ["a2"]);
      const act = refusingEntries(isChosen, "MalformedDetail");
      await whileBus(run, { act, seconds: 4, meets: ({ body }) => hasEntry(body, isChosen) });
      await deadLetteredAndRedriven(run, ["MalformedDetail"]);
    },
  },
  {
    name: "bus-refuses-too-long",
    title:
      "bus rejects one agent for over 15 minutes (simulated clock): dead-lettered, then redriven",
    run: async (run) => {
      run.stand.setClockAhead(16 * 60_000);
      const isChosen = agentsOf(run.account.accountId, ["a3"]);
      const act = refusingEntries(isChosen, "InternalFailure");
      await whileBus(run, { act, seconds: 12, meets: ({ body }) => hasEntry(body, isChosen) });
      run.stand.setClockAhead(0);
      await deadLetteredAndRedriven(run, ["InternalFailure"]);
    },
  },
  {
    name: "queue-down-too",
    title: "bus rejects entries as malformed, and the dead-letter queue is down for 8 s",
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
      await deadLetteredAndRedriven(run, ["InvalidArgument"]);
    },
  },
  {
    name: "poison",
    title: "records in the middle that the publisher cannot parse: dead-lettered, fixed, redriven",
    run: async (run) => {
      const { stand } = run;
      await stand.publisher.replaceCode(await bundled("publisher", [UNREADABLE]));
      await run.send();
      const messages = await settledMessages(run);
      const unreadable = messages.filter(({ code }) => code === "UnreadableRecord");
      run.happened("records dead-lettered as unreadable", unreadable.length);
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
      const batches = await stand.deadLetters.failedBatches();
      run.happened("batches in the failure destination", batches.length);
      stream.end();
      bus.end();
      run.mended();
      await redrive(stand);
    },
  },
];
