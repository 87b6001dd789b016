import { setTimeout as sleep } from "node:timers/promises";

import type { Cloud } from "../emulator/cloud.ts";
import { connectAccount, sweepAccount } from "../emulator/reconcile.ts";
import { sampleAccounts } from "../sample-accounts.ts";
import { reconcileChapter } from "./chapters.ts";
import { itemsOf } from "./differences.ts";
import { type Connection, createInstallations, type Installations } from "./installations.ts";
import { type Listener, listen, type ReceivedEvent } from "./listener.ts";
import { type Moment, momentsBefore } from "./moments.ts";
import { createResponseCheck, type ResponseCheck } from "./response-check.ts";
import type { SampleFreshdesk } from "./sample-freshdesk.ts";
import type { HubState } from "./story.ts";
import { formatSummary } from "./summary.ts";
import {
  accountLines,
  availabilityLines,
  chapterLines,
  differenceLine,
  eventLine,
  momentLine,
} from "./terminal-lines.ts";
import { wrap } from "./wrap.ts";
import { factsBefore } from "./freshdesk-facts.ts";
import { findDifferences } from "./verify-day.ts";

export interface SampleDayOptions {
  readonly cloud: Cloud;
  /** The fake REST API that reconcile reads. */
  readonly freshdesk: SampleFreshdesk;
  readonly out: NodeJS.WritableStream;
  readonly signal: AbortSignal;
  /** Milliseconds between two moments, so that a person can follow. @default 100 */
  readonly paceMs?: number;
  /** Milliseconds to look at the board at the beginning of a chapter. @default 0 */
  readonly chapterPauseMs?: number;
  /** Width of the terminal. @default - lines are not wrapped */
  readonly columns?: number | undefined;
}

/** Maximum time until the last events arrive. */
const LAST_EVENTS_TIMEOUT_MS = 120_000;

/** Available agents are shown after every 25 moments. */
const MOMENTS_PER_OVERVIEW = 25;

const HOUR_MS = 3_600_000;

/** Plays one moment. @returns the line that describes it. */
async function playMoment(
  moment: Exclude<Moment, { kind: "chapter" }>,
  installations: Installations,
  connection: Connection,
): Promise<string> {
  connection.limitsClock = moment.time.getTime();
  if (moment.kind === "delivery") {
    if (moment.isLost !== true) {
      await installations.raise(moment.account.accountId, moment.event, moment.payload);
    }
    return momentLine(moment.time, `${moment.account.company.padEnd(5)} ${moment.description}`);
  }
  connection.hub = moment.hub;
  const fired = moment.hub === "reachable" ? await installations.fireSchedules() : 0;
  const descriptions: Readonly<Record<HubState, string>> = {
    unreachable: "The hub is unreachable. The relays park events.",
    reachable: `The hub is reachable again. The relays send the parked events (fired schedules: ${fired}).`,
    "losing a response": "The hub's next response is lost. The relay sends the event again.",
  };
  return momentLine(moment.time, `--- ${descriptions[moment.hub]}`);
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
  readonly installations: Installations;
  readonly connection: Connection;
  readonly responses: ResponseCheck;
  readonly receiver: ReturnType<typeof createReceiver>;
  /** Brings Freshdesk to its state at a moment. */
  readonly advanceFreshdesk: (moment: Date) => void;
  readonly write: (line: string) => void;
}

async function playMoments(moments: readonly Moment[], day: Day): Promise<void> {
  const { options, installations, connection, responses, receiver, advanceFreshdesk, write } = day;
  const { paceMs = 100, chapterPauseMs = 0, signal } = options;
  for (const [index, moment] of moments.entries()) {
    advanceFreshdesk(moment.time);
    if (moment.kind === "chapter") {
      chapterLines(moment.chapter).forEach(write);
      await sleep(chapterPauseMs, undefined, { signal });
      continue;
    }
    write(await playMoment(moment, installations, connection));
    await sleep(paceMs, undefined, { signal });
    await receiver.receive();
    if ((index + 1) % MOMENTS_PER_OVERVIEW === 0) {
      ["", "  available now", ...availabilityLines(responses.model), ""].forEach(write);
    }
  }
}

/** Connects the accounts and sweeps each, in the hub and in the model. @returns the number of changed items. */
async function playSweeps({ options, responses, write }: Day): Promise<number> {
  const { cloud, freshdesk, chapterPauseMs = 0, signal } = options;
  chapterLines(reconcileChapter).forEach(write);
  await sleep(chapterPauseMs, undefined, { signal });
  let changes = 0;
  for (const account of sampleAccounts) {
    const { accountId, domain, hasCustomStatuses } = account;
    await connectAccount(cloud, account);
    const from = new Date();
    const { checked, differences } = await sweepAccount(cloud, accountId);
    write(`  ${account.company}: compared agents: ${checked}, differences: ${differences.length}`);
    differences.map(differenceLine).forEach(write);
    changes += responses.model.sweep({
      accountId,
      domain,
      agents: freshdesk.agents(accountId),
      hasAvailability: hasCustomStatuses,
      from,
      until: new Date(),
      itemsAfter: await itemsOf(cloud, accountId),
    });
  }
  return changes;
}

async function receiveLastEvents({ options, responses, receiver }: Day): Promise<void> {
  const { events } = responses.model;
  const deadline = Date.now() + LAST_EVENTS_TIMEOUT_MS;
  while (receiver.received.length < events.size && Date.now() < deadline) {
    await sleep(50, undefined, { signal: options.signal });
    await receiver.receive();
  }
}

/** Plays the day on a running local cloud. @returns whether every agent and event is as expected. */
export async function playSampleDay(options: SampleDayOptions): Promise<boolean> {
  const { cloud, freshdesk, out, columns = Infinity } = options;
  const write = (text: string) => {
    for (const line of text.split("\n").flatMap((each) => wrap(each, columns))) {
      out.write(`${line}\n`);
    }
  };
  const end = new Date();
  const moments = momentsBefore(end);
  const deliveries = moments.filter((moment) => moment.kind === "delivery");
  const lost = deliveries.filter(({ isLost }) => isLost === true).length;
  const payloads = deliveries.flatMap(({ payload, isLost }) => (isLost === true ? [] : [payload]));
  const responses = createResponseCheck(payloads, sampleAccounts);
  // The installation comes an hour before the day.
  const start = (moments[0]?.time.getTime() ?? 0) - HOUR_MS;
  const connection: Connection = { hub: "reachable", limitsClock: start };
  const installations = createInstallations(cloud, connection, responses);
  const listener = await listen(cloud, "sample-day");
  const receiver = createReceiver(listener, write);
  const advanceFreshdesk = freshdesk.play(end);
  const day: Day = {
    options,
    installations,
    connection,
    responses,
    receiver,
    advanceFreshdesk,
    write,
  };
  let repaired = 0;
  try {
    await installations.install();
    accountLines.forEach(write);
    await playMoments(moments, day);
    repaired = await playSweeps(day);
    await receiveLastEvents(day);
  } finally {
    await listener.close();
  }
  const { received } = receiver;
  const log = installations.log();
  const facts = factsBefore(end);
  const differences = await findDifferences({ cloud, freshdesk, log, responses, received, facts });
  write(
    formatSummary({
      deliveries: payloads.length,
      lost,
      repaired,
      log,
      responses,
      received,
      differences,
    }),
  );
  return differences.length === 0;
}
