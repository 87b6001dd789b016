import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Cloud } from "../emulator/cloud.ts";
import { relayParameters } from "../freshworks-platform/iparams.ts";
import { sendTo } from "../freshworks-platform/network.ts";
import {
  createFreshworksPlatform,
  type FreshworksPlatform,
} from "../freshworks-platform/platform.ts";
import { root } from "../../tools/run/paths.ts";
import { eventDifferences, itemDifferences, itemsOf } from "./differences.ts";
import { type Listener, listen, type ReceivedEvent } from "./listener.ts";
import { type Moment, momentsBefore } from "./payloads.ts";
import { createResponseCheck, type ResponseCheck } from "./response-check.ts";
import { schemaViolations } from "./schema-violations.ts";
import type { HubState } from "./story.ts";
import { formatSummary } from "./summary.ts";
import { availabilityLines, eventLine } from "./terminal-lines.ts";

/** Where the sample day is played and shown. */
export interface SampleDayOptions {
  readonly cloud: Cloud;
  readonly out: NodeJS.WritableStream;
  readonly signal: AbortSignal;
  /** Milliseconds between two moments, so that a person can follow. @default 100 */
  readonly paceMs?: number;
}

/** How long the last events may take to arrive. */
const LAST_EVENTS_TIMEOUT_MS = 20_000;

/** Available agents are shown after each of so many moments. */
const MOMENTS_PER_OVERVIEW = 25;

const HOUR_MS = 3_600_000;

/** The connection to the hub, and the time by which requests are counted. The day changes both. */
interface Connection {
  hub: HubState;
  limitsClock: number;
}

function createPlatform(
  { ingestUrl, accounts }: Cloud,
  connection: Connection,
  responses: ResponseCheck,
): FreshworksPlatform {
  const [account = { accountId: "", signingKey: "" }] = accounts;
  const sendToHub = sendTo(ingestUrl);
  return createFreshworksPlatform({
    appFolder: join(root, "relay"),
    iparams: relayParameters({ ingestUrl, ...account }),
    limitsNow: () => connection.limitsClock,
    send: async (request) => {
      if (connection.hub === "unreachable") {
        throw new Error("the hub is unreachable");
      }
      const response = await sendToHub(request);
      responses.check(request, response);
      if (connection.hub === "losing a response") {
        connection.hub = "reachable";
        throw new Error("the response was lost");
      }
      return response;
    },
  });
}

function clock(time: Date): string {
  return time.toTimeString().slice(0, 8);
}

/** Plays one moment. @returns the lines that describe it. */
async function playMoment(
  moment: Moment,
  platform: FreshworksPlatform,
  connection: Connection,
): Promise<string[]> {
  connection.limitsClock = moment.time.getTime();
  if (moment.kind === "delivery") {
    await platform.raise("onAgentAvailabilityUpdate", moment.payload);
    return [`${clock(moment.time)}  ${moment.description}`];
  }
  connection.hub = moment.hub;
  const fired = moment.hub === "reachable" ? await platform.fireSchedules({ ahead: true }) : 0;
  const descriptions: Readonly<Record<HubState, string>> = {
    unreachable: "The hub is unreachable. The relay parks events.",
    reachable: `The hub is reachable again. The relay sends the parked events of ${fired} agents.`,
    "losing a response": "The hub's next response is lost. The relay sends the event again.",
  };
  return [`${clock(moment.time)}  --- ${descriptions[moment.hub]}`];
}

/** Collects received events, and writes those that are not summaries of a whole change. */
function createReceiver(listener: Listener, write: (line: string) => void) {
  const received: ReceivedEvent[] = [];
  return {
    received,
    receive: async () => {
      const events = await listener.receive();
      received.push(...events);
      for (const event of events) {
        if (event["detail-type"] !== "Agent Availability Changed") {
          write(eventLine(event));
        }
      }
    },
  };
}

/** A day that is being played. */
interface Day {
  readonly options: SampleDayOptions;
  readonly platform: FreshworksPlatform;
  readonly connection: Connection;
  readonly responses: ResponseCheck;
  readonly receiver: ReturnType<typeof createReceiver>;
  readonly write: (line: string) => void;
}

async function playMoments(moments: readonly Moment[], day: Day): Promise<void> {
  const { options, platform, connection, responses, receiver, write } = day;
  const { paceMs = 100, signal } = options;
  for (const [index, moment] of moments.entries()) {
    (await playMoment(moment, platform, connection)).forEach(write);
    await sleep(paceMs, undefined, { signal });
    await receiver.receive();
    if ((index + 1) % MOMENTS_PER_OVERVIEW === 0) {
      ["", "  available now", ...availabilityLines(responses.model), ""].forEach(write);
    }
  }
}

async function receiveLastEvents({ options, responses, receiver }: Day): Promise<void> {
  const { events } = responses.model;
  const deadline = Date.now() + LAST_EVENTS_TIMEOUT_MS;
  while (receiver.received.length < events.size && Date.now() < deadline) {
    await sleep(50, undefined, { signal: options.signal });
    await receiver.receive();
  }
}

async function findDifferences({ options, platform, responses, receiver }: Day) {
  const accountId = options.cloud.accounts[0]?.accountId ?? "";
  return [
    ...responses.problems,
    ...platform.log.map(({ text }) => text).filter((text) => /^(?:unhandled|Lost)/.test(text)),
    ...itemDifferences(responses.model, await itemsOf(options.cloud, accountId)),
    ...eventDifferences(responses.model, receiver.received),
    ...schemaViolations(receiver.received),
  ];
}

/** Plays the day on a running local cloud. @returns whether every agent and event is as expected. */
export async function playSampleDay(options: SampleDayOptions): Promise<boolean> {
  const { cloud, out } = options;
  const write = (line: string) => out.write(`${line}\n`);
  const moments = momentsBefore(new Date());
  const payloads = moments.flatMap((moment) =>
    moment.kind === "delivery" ? [moment.payload] : [],
  );
  const responses = createResponseCheck(payloads);
  // The installation comes an hour before the day.
  const start = (moments[0]?.time.getTime() ?? 0) - HOUR_MS;
  const connection: Connection = { hub: "reachable", limitsClock: start };
  const platform = createPlatform(cloud, connection, responses);
  const listener = await listen(cloud, "sample-day");
  const receiver = createReceiver(listener, write);
  const day: Day = { options, platform, connection, responses, receiver, write };
  try {
    const rejection = await platform.install();
    if (rejection !== undefined) {
      throw new Error(`the relay rejected its installation: ${rejection}`);
    }
    await playMoments(moments, day);
    await receiveLastEvents(day);
  } finally {
    await listener.close();
  }
  const differences = await findDifferences(day);
  const parked = platform.log.filter(({ text }) => text.startsWith("Parked")).length;
  const { received } = receiver;
  write(formatSummary({ deliveries: payloads.length, parked, responses, received, differences }));
  return differences.length === 0;
}
