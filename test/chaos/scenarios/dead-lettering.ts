import { setTimeout as sleep } from "node:timers/promises";

import type { DeadLetterMessage } from "../dead-letters.ts";
import { eventsOfAgents } from "../events-of-agents.ts";
import { faultDuration } from "../fault-duration.ts";
import {
  ageRecordsBy,
  respondWith500,
  hasEntry,
  rejectEntries,
} from "../fault-proxy/fault-effects.ts";
import type { ActiveFault } from "../fault-proxy/fault-proxy.ts";
import { bundleModified, type Edit } from "../modified-code.ts";
import { redrive } from "../operator-commands.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";
import { duringBusFault } from "./bus-faults.ts";

const MINUTE_MS = 60_000;

/** Age in seconds at which Lambda stops retrying a record. */
const MAX_RECORD_AGE = 22 * 3600;

/** Returns the messages of the dead-letter queue once no more arrive. */
async function settledMessages({
  environment,
}: ScenarioContext): Promise<readonly DeadLetterMessage[]> {
  for (let previous = -1; ; await sleep(2000)) {
    const messages = await environment.deadLetters.messages();
    if (messages.length === previous) {
      return messages;
    }
    previous = messages.length;
  }
}

/** Redrives events that must all have been dead-lettered with the given error code. */
async function redriveDeadLetters(context: ScenarioContext, code: string): Promise<void> {
  const messages = await settledMessages(context);
  context.requireOccurred("a dead-lettered event", messages.length);
  const other = messages.find((message) => message.code !== code);
  if (other) {
    throw new Error(`the error code of a dead-lettered event must be ${code} (got ${other.code})`);
  }
  for (const { eventId } of messages) {
    context.interventions.deadLetteredEventIds.add(eventId ?? "");
  }
  context.faultEnded();
  await redrive(context.environment);
}

/** Makes the publisher unable to parse one record of one agent. */
export const UNREADABLE_RECORD: Edit = {
  file: "functions/store/read-item.ts",
  from: "function readState(item: Attributes): AgentState {\n",
  to: `function readState(item: Attributes): AgentState {
  if (item["availabilityId"]?.S === "a3" && Number(item["version"]?.N) === 2) {
    throw new UnreadableItemError("status.id", "known to this version");
  }
`,
};

/** Waits until a fault affects no more requests. The driver's longest pause between retries is 5 s. */
async function untilQuiet({ hits }: ActiveFault): Promise<void> {
  for (let previous = -1; previous < hits(); await sleep(6000)) {
    previous = hits();
  }
}

/** Faults after which an operator must redrive events. */
export const deadLettering: readonly Scenario[] = [
  {
    name: "bus-rejects-malformed-entries",
    title: "bus rejects entries as malformed: dead-lettered, then redriven",
    short: true,
    run: async (context) => {
      const isSelected = eventsOfAgents(context.account.accountId, ["a2"]);
      await duringBusFault(context, {
        effect: rejectEntries(isSelected, "MalformedDetail"),
        seconds: 4,
        matches: ({ body }) => hasEntry(body, isSelected),
      });
      await redriveDeadLetters(context, "MalformedDetail");
    },
  },
  {
    name: "bus-rejects-one-agent",
    title:
      "bus rejects one agent for over 15 minutes (simulated clock): dead-lettered, then redriven",
    run: async (context) => {
      const { environment, account } = context;
      environment.setClockAhead(16 * MINUTE_MS);
      const isSelected = eventsOfAgents(account.accountId, ["a3"]);
      await duringBusFault(context, {
        effect: rejectEntries(isSelected, "InternalFailure"),
        seconds: 12,
        matches: ({ body }) => hasEntry(body, isSelected),
      });
      environment.setClockAhead(0);
      await redriveDeadLetters(context, "InternalFailure");
    },
  },
  {
    name: "dead-letter-queue-failing",
    title: "bus rejects entries as malformed, and the dead-letter queue fails for 8 s",
    run: async (context) => {
      const { account, traffic, startFault, untilPublished } = context;
      const isSelected = eventsOfAgents(account.accountId, ["a2"]);
      const queue = startFault({
        service: "sqs",
        operation: "SendMessage",
        effect: respondWith500,
      });
      const bus = startFault({
        service: "eventbridge",
        matches: ({ body }) => hasEntry(body, isSelected),
        effect: rejectEntries(isSelected, "InvalidArgument"),
      });
      const sending = traffic.send();
      await faultDuration(8, queue);
      queue.end();
      await sending;
      await untilPublished(6000);
      bus.end();
      await redriveDeadLetters(context, "InvalidArgument");
    },
  },
  {
    name: "unreadable-records",
    title: "publisher cannot parse some records: dead-lettered, fixed, redriven",
    run: async (context) => {
      const { environment, traffic, interventions, requireOccurred, faultEnded } = context;
      const { publisher } = environment;
      await publisher.replaceCode(await bundleModified("publisher", [UNREADABLE_RECORD]));
      await traffic.send();
      const messages = await settledMessages(context);
      const unreadable = messages.filter(({ code }) => code === "UnreadableRecord");
      requireOccurred("a record that is dead-lettered as unreadable", unreadable.length);
      await publisher.replaceCode(await bundleModified("publisher", []));
      faultEnded();
      await traffic.send({ prefix: "later" });
      // The messages of whole records do not name their events.
      interventions.unorderedAgents.add("a3");
      await redrive(environment);
    },
  },
  {
    name: "on-failure-destination",
    title:
      "bus fails until Lambda stops retrying (22 h, simulated record age): redriven from the on-failure destination",
    run: async ({ environment, traffic, startFault, requireOccurred, faultEnded }) => {
      const stream = startFault({
        service: "streams",
        operation: "GetRecords",
        effect: ageRecordsBy(MAX_RECORD_AGE - 5),
      });
      const bus = startFault({
        service: "eventbridge",
        operation: "PutEvents",
        effect: respondWith500,
      });
      await traffic.send();
      await untilQuiet(bus);
      const batches = await environment.deadLetters.failedBatches();
      requireOccurred("a batch in the on-failure destination", batches.length);
      stream.end();
      bus.end();
      faultEnded();
      await redrive(environment);
    },
  },
];
