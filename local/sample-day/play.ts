import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Cloud } from "../cloud.ts";
import { relayParameters } from "../freshworks-platform/iparams.ts";
import {
  createFreshworksPlatform,
  type PlatformRequest,
  type PlatformResponse,
} from "../freshworks-platform/platform.ts";
import { sendTo } from "../freshworks-platform/network.ts";
import { root } from "../../tools/run/paths.ts";
import { boardLines, eventLine } from "./board.ts";
import { listen, type ReceivedEvent } from "./listener.ts";
import { createModel, type Model } from "./model.ts";
import { type Moment, momentsBefore } from "./payloads.ts";
import { schemaFaults } from "./schemas.ts";
import { eventDifferences, itemDifferences, itemsOf } from "./verdict.ts";

/** What the sample day is played on, and where it is shown. */
export interface SampleDayOptions {
  readonly cloud: Cloud;
  readonly out: NodeJS.WritableStream;
  readonly signal: AbortSignal;
  /** Milliseconds between two moments, so that a person can follow. @default 100 */
  readonly paceMs?: number;
}

/** How long the last events may take to come. */
const LAST_EVENTS_MS = 20_000;

/** How many moments pass between two boards. */
const BOARD_EVERY = 25;

interface Observed {
  readonly judgements: Map<string, number>;
  readonly wrong: string[];
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function eventsIn(body: string): { readonly payloads: object[]; readonly isList: boolean } {
  const json: unknown = JSON.parse(body);
  const object = typeof json === "object" && json !== null ? json : {};
  const list: unknown = Reflect.get(object, "events");
  const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
  return Array.isArray(list)
    ? { payloads: list.filter(isObject), isList: true }
    : { payloads: [object], isList: false };
}

/** Lets the model judge what the hub has just answered, and holds the one against the other. */
function observe(
  model: Model,
  request: PlatformRequest,
  response: PlatformResponse,
  observed: Observed,
): void {
  const { payloads, isList } = eventsIn(request.body);
  const id = request.headers["webhook-id"] ?? "";
  const inOrder = payloads
    .map((payload, index) => ({ payload, index }))
    .toSorted((first, second) =>
      model.timeOf(first.payload).localeCompare(model.timeOf(second.payload)),
    );
  const results: object[] = Array.from({ length: payloads.length }, () => ({}));
  for (const { payload, index } of inOrder) {
    const { judgement, version } = model.take(payload, isList ? `${id}#${index}` : id);
    count(observed.judgements, judgement);
    results[index] = { availabilityId: model.agentOf(payload), outcome: judgement, version };
  }
  const expected = JSON.stringify({ results });
  if (response.status !== 200 || response.body !== expected) {
    observed.wrong.push(
      `the hub answered ${response.status} ${response.body}, and must answer 200 ${expected}`,
    );
  }
}

function clock(time: Date): string {
  return time.toTimeString().slice(0, 8);
}

/** Plays the day on a running local cloud. @returns whether every agent and event is as it must be. */
export async function playSampleDay(options: SampleDayOptions): Promise<boolean> {
  const { cloud, out, signal, paceMs = 100 } = options;
  const [account = { accountId: "", signingKey: "" }] = cloud.accounts;
  const say = (line: string) => out.write(`${line}\n`);
  const model = createModel();
  const observed: Observed = { judgements: new Map(), wrong: [] };
  const received: ReceivedEvent[] = [];
  const real = sendTo(cloud.ingestUrl);
  let hub: "away" | "back" | "deaf" = "back";
  const moments = momentsBefore(new Date());
  // Requests a minute are counted by the day's clock, on which the installation comes first.
  let limitsClock = (moments[0]?.time.getTime() ?? 0) - 3_600_000;
  let sent = 0;

  const platform = createFreshworksPlatform({
    appFolder: join(root, "relay"),
    iparams: relayParameters({ ingestUrl: cloud.ingestUrl, ...account }),
    limitsNow: () => limitsClock,
    send: async (request) => {
      if (hub === "away") {
        throw new Error("the hub is away");
      }
      const response = await real(request);
      observe(model, request, response, observed);
      if (hub === "deaf") {
        hub = "back";
        throw new Error("the answer got lost");
      }
      return response;
    },
  });

  const listener = await listen(cloud, "sample-day");
  const receive = async () => {
    const some = await listener.receive();
    received.push(...some);
    for (const event of some.filter(
      ({ "detail-type": type }) => type !== "Agent Availability Changed",
    )) {
      say(eventLine(event));
    }
  };

  async function live(moment: Moment): Promise<void> {
    limitsClock = moment.time.getTime();
    if (moment.kind === "delivery") {
      sent += 1;
      say(`${clock(moment.time)}  ${moment.words}`);
      await platform.raise("onAgentAvailabilityUpdate", moment.payload);
      return;
    }
    ({ hub } = moment);
    say(`${clock(moment.time)}  --- the hub is ${hub} ---`);
    if (hub === "back") {
      say(`          ${await platform.fireSchedules({ ahead: true })} agents catch up`);
    }
  }

  try {
    const refusal = await platform.install();
    if (refusal !== undefined) {
      observed.wrong.push(`the relay refused its installation: ${refusal}`);
    }
    for (const [index, moment] of moments.entries()) {
      await live(moment);
      await sleep(paceMs, undefined, { signal });
      await receive();
      if (index % BOARD_EVERY === BOARD_EVERY - 1) {
        say(["", "  available now", ...boardLines(model), ""].join("\n"));
      }
    }
    const until = Date.now() + LAST_EVENTS_MS;
    while (received.length < model.events.size && Date.now() < until) {
      await sleep(50, undefined, { signal });
      await receive();
    }
  } finally {
    await listener.close();
  }

  const lost = platform.log
    .filter(({ text }) => /^(?:unhandled|Lost)/.test(text))
    .map(({ text }) => text);
  const differences = [
    ...observed.wrong,
    ...lost,
    ...itemDifferences(model, await itemsOf(cloud, account.accountId)),
    ...eventDifferences(model, received),
    ...schemaFaults(received),
  ];
  say(
    summary({
      sent,
      observed,
      received,
      model,
      parked: platform.log.filter(({ text }) => text.startsWith("Parked")).length,
      differences,
    }),
  );
  return differences.length === 0;
}

interface Summary {
  readonly sent: number;
  readonly observed: Observed;
  readonly received: readonly ReceivedEvent[];
  readonly model: Model;
  readonly parked: number;
  readonly differences: readonly string[];
}

function summary({ sent, observed, received, model, parked, differences }: Summary): string {
  const types = new Map<string, number>();
  for (const event of received) {
    count(types, event["detail-type"]);
  }
  const gaps = received.filter(({ detail }) =>
    JSON.stringify(detail["metadata"]).includes('"gap":true'),
  ).length;
  const judged = ["applied", "duplicate", "stale"].map(
    (name) => `${name} ${observed.judgements.get(name) ?? 0}`,
  );
  return `
The day is over.

  deliveries    ${sent} by Freshworks, ${parked} parked for a while
  the hub       ${judged.join(", ")}
  agents        ${model.items.size}
  events        ${received.length}, ${gaps} of them with a gap before
${[...types].map(([type, number]) => `    ${String(number).padStart(4)}  ${type}`).join("\n")}

${
  differences.length === 0
    ? "Every agent and every event is as it must be."
    : `NOT as it must be, in ${differences.length} places:\n${differences
        .slice(0, 5)
        .map((each) => `  - ${each}`)
        .join("\n")}`
}`;
}
