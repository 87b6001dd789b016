import { DynamoDBServiceException, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";

import { anIndex } from "../../builders/available-index.ts";
import { anImage, anOutboxRecord } from "../../../tools/fakes/outbox-record.ts";
import { aPayload } from "../../../tools/fakes/payload.ts";
import { aRequest } from "../../../tools/fakes/request.ts";
import { everySetting, synthesized } from "../synthesized.ts";
import { type AlarmProperties, inputsOf, stateAt, type Written } from "./evaluate.ts";
import { accessLine } from "./happenings.ts";
import { filtered } from "./metric-filter.ts";
import { alarmsOf, operationsOf } from "./stack.ts";
import {
  allIsWell,
  count,
  hoursAgo,
  type MetricLine,
  metricsIn,
  OLD_KEY,
  post,
  publish,
  secrets,
  table,
  writtenBy,
} from "./written.ts";

const operations = operationsOf(everySetting);
/** Of the operations, and those that take a new version back. */
const alarms = { ...alarmsOf(operations), ...alarmsOf(synthesized(everySetting)) };

/** A Wednesday, 00:00 UTC. */
const WEDNESDAY = Date.UTC(2026, 10, 25) / 1000;
const SATURDAY = WEDNESDAY + 3 * 86_400;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Namespace, documented name and dimensions of metrics of AWS' own, and of the metric filter's. */
const notOurs = new Set([
  "AWS/ApiGateway 4xx ApiId",
  "AWS/ApiGateway 5xx ApiId",
  "AWS/ApiGateway Count ApiId",
  "AWS/Lambda Errors ExecutedVersion FunctionName Resource",
  "AWS/Lambda IteratorAge FunctionName",
  "AWS/Lambda DestinationDeliveryFailures FunctionName",
  "AWS/SQS ApproximateNumberOfMessagesVisible QueueName",
  "AWS/SQS ApproximateAgeOfOldestMessage QueueName",
  "AWS/S3 NumberOfObjects BucketName StorageType",
]);

const aged = (milliseconds: number) => {
  const updatedAt = new Date(Date.now() - milliseconds).toISOString();
  return anOutboxRecord({ after: anImage({ updatedAt: { S: updatedAt } }) });
};

const unreadable = () => anOutboxRecord({ after: anImage({ version: { S: "no number" } }) });

const malformed = new DynamoDBServiceException({
  name: "ValidationException",
  $fault: "client",
  $metadata: {},
  message: "Item size has exceeded the maximum allowed size",
});

/** What happens on a quiet day, and what is written of each kind of fault. */
let quiet: MetricLine[];
let received: MetricLine[];
let told: MetricLine[];
let counted: MetricLine[];
/** Of a change that is told within the goal of 5 seconds, with time to spare for a busy machine. */
let inTime: MetricLine[];
const faults: Record<string, MetricLine[]> = {};

beforeAll(async () => {
  received = await writtenBy(async () => await post(aRequest(aPayload())));
  told = await writtenBy(async () => await publish(aged(300)));
  counted = await writtenBy(count);
  quiet = [...received, ...told, ...counted, ...filtered(operations, accessLine("200", "31"))];
  faults["SignaturesRefused"] = await writtenBy(
    async () => await post(aRequest(aPayload(), { key: "whsec_Zm9yZWlnbi1mb3JlaWdu" })),
  );
  faults["UnauthenticatedRequests"] = await writtenBy(
    async () => await post(aRequest(aPayload(), { accountId: "4711" })),
  );
  faults["AccountsRefused"] = await writtenBy(
    async () => await post(aRequest(aPayload({ agent: { account_id: 42 } }))),
  );
  faults["SourcesRefused"] = await writtenBy(
    async () => await post(aRequest(aPayload(), { sourceIp: "203.0.113.7" })),
  );
  faults["ChangesDropped"] = await writtenBy(async () => {
    await post(aRequest({ data: {} }));
    await post(aRequest({ events: [{ data: {} }] }));
    await post(aRequest({ data: "x".repeat(200_000) }));
  });
  faults["RequestsThrottled"] = filtered(operations, accessLine("429", "3"));
  faults["OldKeyInUse"] = await writtenBy(
    async () => await post(aRequest(aPayload(), { key: OLD_KEY })),
  );
  faults["OldRelay"] = await writtenBy(
    async () => await post(aRequest(aPayload(), { headers: { "x-relay-version": "0.9.0" } })),
  );
  inTime = await writtenBy(async () => await publish(aged(4000)));
  faults["EventsSlow"] = await writtenBy(async () => await publish(aged(5500)));
  faults["EventsSetAside"] = await writtenBy(async () => await publish(unreadable()));
  table.on(UpdateItemCommand).rejects(malformed);
  faults["ItemRefused"] = await writtenBy(async () => await post(aRequest(aPayload())));
  table.on(UpdateItemCommand).rejects(new Error("no"));
  faults["GradualDeployIngestRefusals"] = await writtenBy(
    async () => await post(aRequest(aPayload())),
  );
  allIsWell();
  secrets.on(GetSecretValueCommand).rejects(new Error("no"));
  faults["KeysOutOfReach"] = await writtenBy(async () => {
    const now = Date.now;
    Date.now = () => now() + 4 * MINUTE * 1000;
    try {
      await post(aRequest(aPayload()));
    } finally {
      Date.now = now;
    }
  });
  allIsWell();
});

afterEach(allIsWell);

const every = (seconds: number, from: number, to: number) =>
  Array.from({ length: Math.ceil((to - from) / seconds) }, (_, index) => from + index * seconds);

/** Lines as they were written, at each of these times. */
const writtenAt = (lines: readonly MetricLine[], times: readonly number[]): Written =>
  times.flatMap((at) => lines.map((line) => ({ ...line, at })));

function alarm(id: string): AlarmProperties {
  const found = alarms[id];
  if (found === undefined) {
    throw new Error(`there is no alarm ${id}`);
  }
  return found;
}

/** Namespace, name and dimensions of what an alarm looks at; of AWS' dimensions only the names. */
const textsOf = (each: AlarmProperties) =>
  inputsOf(each).map(({ Namespace: namespace, MetricName: name, Dimensions: dimensions = [] }) =>
    [
      namespace,
      name,
      ...dimensions.map((dimension) =>
        namespace === "AgentAvailability"
          ? `${dimension.Name}=${String(dimension.Value)}`
          : dimension.Name,
      ),
    ].join(" "),
  );

describe("each alarm looks at metrics that exist", () => {
  it.each(Object.keys(alarms))("%s", (id) => {
    const emitted = metricsIn([...quiet, ...Object.values(faults).flat()]);
    const missing = textsOf(alarm(id)).filter((text) => !emitted.has(text) && !notOurs.has(text));

    expect(textsOf(alarm(id))).not.toEqual([]);
    expect(missing).toEqual([]);
  });
});

/** For each alarm on metrics of ours: how often a fault comes, by when the alarm must be on, and by when off. */
const cases: readonly (readonly [id: string, everySeconds: number, on: number, off: number])[] = [
  ["SignaturesRefused", 10 * MINUTE, HOUR, HOUR],
  ["UnauthenticatedRequests", 10 * MINUTE, HOUR, HOUR],
  ["AccountsRefused", 10 * MINUTE, HOUR, HOUR],
  ["SourcesRefused", 10 * MINUTE, HOUR, HOUR],
  ["ChangesDropped", 5 * MINUTE, 5 * MINUTE, 15 * MINUTE],
  ["RequestsThrottled", MINUTE, 10 * MINUTE, 20 * MINUTE],
  ["OldKeyInUse", 20 * HOUR, 5 * DAY, 2 * DAY],
  ["OldRelay", 6 * HOUR, HOUR, 26 * HOUR],
  ["EventsSlow", 20, HOUR, HOUR],
  ["EventsSetAside", 5 * MINUTE, 5 * MINUTE, 15 * MINUTE],
  ["ItemRefused", 5 * MINUTE, 5 * MINUTE, 15 * MINUTE],
  ["KeysOutOfReach", 30, 5 * MINUTE, 5 * MINUTE],
  ["GradualDeployIngestRefusals", 30, 5 * MINUTE, 5 * MINUTE],
];

/**
 * The same of AWS's metrics, with the largest value that keeps the promise and one that breaks it. Nothing is
 * written before and after.
 */
const ofAws = [
  {
    id: "StrangersAtTheDoor",
    seconds: 5 * MINUTE,
    on: 10 * MINUTE,
    off: 20 * MINUTE,
    metric: "4xx",
    kept: 300,
    broken: 301,
  },
  {
    id: "ChangesFailing",
    seconds: 5 * MINUTE,
    on: 15 * MINUTE,
    off: 30 * MINUTE,
    metric: "5xx",
    kept: 0,
    broken: 1,
  },
  {
    id: "EventsLate",
    seconds: MINUTE,
    on: 3 * MINUTE,
    off: 10 * MINUTE,
    metric: "IteratorAge",
    kept: 60_000,
    broken: 60_001,
  },
  {
    id: "SetAsideWaiting",
    seconds: MINUTE,
    on: 5 * MINUTE,
    off: 15 * MINUTE,
    metric: "ApproximateNumberOfMessagesVisible",
    kept: 0,
    broken: 1,
  },
  {
    id: "SetAsideExpiring",
    seconds: HOUR,
    on: 7 * DAY,
    off: 3 * HOUR,
    metric: "ApproximateNumberOfMessagesVisible",
    kept: 0,
    broken: 1,
  },
  {
    id: "RecordsGivenUp",
    seconds: DAY,
    on: DAY,
    off: 4 * DAY,
    metric: "NumberOfObjects",
    kept: 0,
    broken: 1,
  },
  {
    id: "RecordsLost",
    seconds: 5 * MINUTE,
    on: 5 * MINUTE,
    off: 15 * MINUTE,
    metric: "DestinationDeliveryFailures",
    kept: 0,
    broken: 1,
  },
  {
    id: "EventsNotForwarded",
    seconds: MINUTE,
    on: 5 * MINUTE,
    off: 15 * MINUTE,
    metric: "ApproximateNumberOfMessagesVisible",
    kept: 0,
    broken: 1,
  },
  {
    id: "CostAhead",
    seconds: HOUR,
    on: 2 * HOUR,
    off: 3 * HOUR,
    metric: "Count",
    kept: 2520,
    broken: 2521,
  },
  {
    id: "GradualDeployIngestErrors",
    seconds: MINUTE,
    on: 2 * MINUTE,
    off: 5 * MINUTE,
    metric: "Errors",
    kept: 0,
    broken: 1,
  },
  {
    id: "GradualDeployPublisherErrors",
    seconds: MINUTE,
    on: 5 * MINUTE,
    off: 10 * MINUTE,
    metric: "Errors",
    kept: 0,
    broken: 1,
  },
  {
    id: "GradualDeployPublisherIteratorAge",
    seconds: MINUTE,
    on: 5 * MINUTE,
    off: 5 * MINUTE,
    metric: "IteratorAge",
    kept: 60_000,
    broken: 60_001,
  },
];

/** Who is available, and how many of them opened their channel within a shift, as the census says. */
async function censusOf(...since: readonly string[]): Promise<MetricLine[]> {
  table.on(ScanCommand).callsFake(anIndex(since));
  return await writtenBy(count);
}

/** What the census says of them every five minutes. */
const censusAt = async (from: number, to: number, ...since: readonly string[]) =>
  writtenAt(await censusOf(...since), every(5 * MINUTE, from, to));

describe("an alarm on a metric of ours", () => {
  it.each(cases)("%s goes on while its fault lasts, and off after it", (id, seconds, on, off) => {
    const mended = WEDNESDAY + 4 * DAY;
    const fault = writtenAt(faults[id] ?? [], every(seconds, mended - on, mended));
    const all = [...fault, ...writtenAt(quiet, every(5 * MINUTE, WEDNESDAY, mended + 2 * DAY))];

    expect(faults[id]).not.toEqual([]);
    expect(stateAt(alarm(id), all, mended - on)).toBe("OK");
    expect(stateAt(alarm(id), all, mended)).toBe("ALARM");
    expect(stateAt(alarm(id), all, mended + off)).toBe("OK");
  });

  it.each([
    ["malformed", { data: {} }],
    ["invalid, in a list", { events: [{ data: {} }] }],
    ["too large", { data: "x".repeat(200_000) }],
  ])("ChangesDropped goes on for one that is %s", async (_what, body) => {
    const dropped = writtenAt(await writtenBy(async () => await post(aRequest(body))), [WEDNESDAY]);

    expect(stateAt(alarm("ChangesDropped"), dropped, WEDNESDAY + MINUTE)).toBe("ALARM");
  });

  it("RelaySilent goes on where agents are at work and nothing comes, and off once it does", () => {
    const census = writtenAt(counted, every(5 * MINUTE, WEDNESDAY, WEDNESDAY + DAY));
    const before = writtenAt(received, every(20 * MINUTE, WEDNESDAY, WEDNESDAY + 9 * HOUR));
    const after = writtenAt(received, [WEDNESDAY + 11 * HOUR + 10 * MINUTE]);
    const state = (hours: number) =>
      stateAt(alarm("RelaySilent"), [...census, ...before, ...after], WEDNESDAY + hours * HOUR);

    expect(counted[0]).toMatchObject({ AgentsAtWork: 6, service: "census" });
    expect(state(9)).toBe("OK");
    expect(state(10.5)).toBe("OK");
    expect(state(11)).toBe("ALARM");
    expect(state(11.5)).toBe("OK");
  });

  it.each([
    ["nobody is available", []],
    ["two who forgot to log out today are, on three channels", hoursAgo(9, 10)],
    ["twenty who forgot to log out yesterday are", hoursAgo(...Array<number>(20).fill(14))],
  ])("RelaySilent stays off at night, when %s", async (_who, since) => {
    const night = await censusAt(WEDNESDAY, WEDNESDAY + 8 * HOUR, ...since);

    expect(night[0]).toMatchObject({ AvailableOnFreshcaller: since.length });
    expect(stateAt(alarm("RelaySilent"), night, WEDNESDAY + 8 * HOUR)).toBe("OK");
  });

  it("RelaySilentForADay goes on after 22 hours of a working day, and off with a change", () => {
    const census = writtenAt(counted, every(5 * MINUTE, WEDNESDAY, WEDNESDAY + 2 * DAY));
    const change = writtenAt(received, [WEDNESDAY + 24 * HOUR + 1]);
    const state = (hours: number) =>
      stateAt(alarm("RelaySilentForADay"), [...census, ...change], WEDNESDAY + hours * HOUR);

    expect(state(21)).toBe("OK");
    expect(state(24)).toBe("ALARM");
    expect(state(25)).toBe("OK");
  });

  it.each([
    ["Honolulu", -10],
    ["Berlin", 1],
    ["Auckland", 13],
  ])("RelaySilentForADay stays off from Friday to Monday in %s", (_city, ahead) => {
    const census = writtenAt(counted, every(HOUR, WEDNESDAY, SATURDAY + 4 * DAY));
    const leaves = SATURDAY - DAY + (17 - ahead) * HOUR;
    const comes = SATURDAY + 2 * DAY + (9 - ahead) * HOUR;
    const changes = writtenAt(received, [
      ...every(HOUR, leaves - 8 * HOUR, leaves),
      ...every(HOUR, comes, comes + 8 * HOUR),
    ]);
    const states = every(HOUR, leaves, comes + HOUR).map((at) =>
      stateAt(alarm("RelaySilentForADay"), [...census, ...changes], at),
    );

    expect(states.filter((each) => each !== "OK")).toEqual([]);
  });

  it("RelaySilentForADay goes on late every Friday that is no working day, until midnight", () => {
    const census = writtenAt(counted, every(HOUR, WEDNESDAY, SATURDAY + DAY));
    const thursday = writtenAt(received, every(HOUR, WEDNESDAY + DAY, WEDNESDAY + 48 * HOUR));
    const state = (at: number) =>
      stateAt(alarm("RelaySilentForADay"), [...census, ...thursday], at);

    expect(state(SATURDAY - 3 * HOUR)).toBe("OK");
    expect(state(SATURDAY - 2 * HOUR)).toBe("ALARM");
    expect(state(SATURDAY)).toBe("ALARM");
    expect(state(SATURDAY + HOUR)).toBe("OK");
    expect(alarm("RelaySilentForADay").AlarmDescription).toContain("every Friday");
  });

  it("OldKeyInUse stays off while two accounts get new keys, each over five hours of an evening and a night", () => {
    const rotations = [WEDNESDAY + 21 * HOUR, WEDNESDAY + 45 * HOUR].flatMap((from) =>
      every(10 * MINUTE, from, from + 5 * HOUR),
    );
    const lines = writtenAt(faults["OldKeyInUse"] ?? [], rotations);
    const states = every(HOUR, WEDNESDAY, WEDNESDAY + 5 * DAY).map((at) =>
      stateAt(alarm("OldKeyInUse"), lines, at),
    );

    expect(states.filter((each) => each !== "OK")).toEqual([]);
  });

  it("EventsNotTold goes on where changes are stored and none is told, and off once they are", () => {
    const from = WEDNESDAY + HOUR;
    const stored = writtenAt(received, every(5 * MINUTE, WEDNESDAY, from + 5 * HOUR));
    const publishing = writtenAt(told, [
      ...every(5 * MINUTE, WEDNESDAY, from),
      ...every(5 * MINUTE, from + HOUR, from + 5 * HOUR),
    ]);
    const state = (at: number) => stateAt(alarm("EventsNotTold"), [...stored, ...publishing], at);

    expect(state(from)).toBe("OK");
    expect(state(from + 45 * MINUTE)).toBe("ALARM");
    expect(state(from + 4 * HOUR)).toBe("OK");
  });

  it("EventsNotTold goes on of a small stage too, in which somebody changes something once an hour", () => {
    const stored = writtenAt(received, every(HOUR, WEDNESDAY, WEDNESDAY + 6 * HOUR));

    expect(stateAt(alarm("EventsNotTold"), stored, WEDNESDAY + 3 * HOUR)).toBe("ALARM");
  });

  it("EventsSlow stays off where all are told in time", () => {
    const lines = writtenAt(inTime, every(20, WEDNESDAY, WEDNESDAY + HOUR));

    expect(stateAt(alarm("EventsSlow"), lines, WEDNESDAY + HOUR)).toBe("OK");
  });

  it("EventsSlow stays off where a few of many are slow, and where there are too few to say", () => {
    const many = writtenAt(told, every(5, WEDNESDAY, WEDNESDAY + HOUR));
    const few = writtenAt(
      faults["EventsSlow"] ?? [],
      every(15 * MINUTE, WEDNESDAY, WEDNESDAY + HOUR),
    );

    expect(stateAt(alarm("EventsSlow"), [...many, ...few], WEDNESDAY + HOUR)).toBe("OK");
    expect(stateAt(alarm("EventsSlow"), few, WEDNESDAY + HOUR)).toBe("OK");
  });

  it("CensusMissing goes on where nobody counts, and off once somebody does", () => {
    const census = writtenAt(counted, every(5 * MINUTE, WEDNESDAY, WEDNESDAY + HOUR));

    expect(stateAt(alarm("CensusMissing"), census, WEDNESDAY + HOUR)).toBe("OK");
    expect(stateAt(alarm("CensusMissing"), census, WEDNESDAY + 90 * MINUTE)).toBe("ALARM");
    expect(stateAt(alarm("CensusMissing"), [], WEDNESDAY)).toBe("ALARM");
  });

  it("is tried here, each of them", () => {
    const tried = [
      ...cases.map(([id]) => id),
      "RelaySilent",
      "RelaySilentForADay",
      "EventsNotTold",
      "CensusMissing",
    ];
    const ours = Object.keys(alarms).filter((id) =>
      textsOf(alarm(id)).some((text) => text.startsWith("AgentAvailability")),
    );

    expect(tried.toSorted()).toEqual(ours.toSorted());
  });
});

describe("an alarm on a metric of AWS's", () => {
  it.each(ofAws)(
    "$id goes on while its fault lasts, and off after it",
    ({ id, seconds, on, off, metric, kept, broken }) => {
      const mended = WEDNESDAY + 8 * DAY;
      const valued = (value: number) =>
        every(seconds, mended - on, mended).map((at) => ({ at, [metric]: value }));
      const fault = valued(broken);

      expect(inputsOf(alarm(id)).map(({ MetricName: name }) => name)).toEqual([metric]);
      expect(stateAt(alarm(id), valued(kept), mended)).toBe("OK");
      expect(stateAt(alarm(id), fault, mended - on)).toBe("OK");
      expect(stateAt(alarm(id), fault, mended)).toBe("ALARM");
      expect(stateAt(alarm(id), fault, mended + off)).toBe("OK");
    },
  );

  it("SetAsideExpiring stays off where the queue was emptied within the week", () => {
    const hours = every(HOUR, WEDNESDAY, WEDNESDAY + 8 * DAY);
    const queue = hours.map((at) => ({
      at,
      ApproximateNumberOfMessagesVisible: at === WEDNESDAY + 2 * DAY ? 0 : 3,
    }));

    expect(stateAt(alarm("SetAsideExpiring"), queue, WEDNESDAY + 8 * DAY)).toBe("OK");
  });

  it("is tried here, each of them", () => {
    const theirs = Object.keys(alarms).filter((id) =>
      textsOf(alarm(id)).every((text) => text.startsWith("AWS/")),
    );

    expect(ofAws.map(({ id }) => id).toSorted()).toEqual(theirs.toSorted());
  });
});

describe("CloudWatch's limits", () => {
  it.each(Object.entries(alarms))("%s looks back no further than it may", (_id, each) => {
    const period = inputsOf(each)[0]?.period ?? 0;

    expect(period * each.EvaluationPeriods).toBeLessThanOrEqual(period < HOUR ? DAY : 7 * DAY);
  });
});

/** What AWS says of a stage on such a day: a few strangers, and changes that wait for their batch. */
const quietOfAws = {
  "4xx": 3,
  "5xx": 0,
  Count: 100,
  Errors: 0,
  IteratorAge: 500,
  DestinationDeliveryFailures: 0,
  ApproximateNumberOfMessagesVisible: 0,
  NumberOfObjects: 0,
};

describe("a caller without a key", () => {
  const payload = aPayload();
  const unsigned = { headers: { "webhook-signature": undefined } };

  it.each([
    ["sends no signature", aRequest(payload, unsigned)],
    ["names an unknown account", aRequest(payload, { accountId: "4711" })],
    ["names the ping account", aRequest(payload, { accountId: "_ping" })],
    ["calls from another address", aRequest(payload, { sourceIp: "203.0.113.7" })],
    ["sends a body that is too large", aRequest({ data: "x".repeat(200_000) })],
    ["sends a body that is not UTF-8", { ...aRequest(payload, { base64: true }), body: "/w==" }],
  ])("pages no one: %s", async (_what, request) => {
    const lines = await writtenBy(async () => await post(request));
    const day = writtenAt([...quiet, ...lines], every(MINUTE, WEDNESDAY - DAY, WEDNESDAY));
    const pages = Object.keys(alarms).filter((id) => alarm(id).AlarmDescription.startsWith("Now"));

    expect(metricsIn(lines).size).toBeGreaterThan(0);
    expect(pages.filter((id) => stateAt(alarm(id), day, WEDNESDAY) !== "OK")).toEqual([]);
  });
});

describe("a quiet day", () => {
  it.each(Object.keys(alarms))("leaves %s off", (id) => {
    const times = every(5 * MINUTE, WEDNESDAY - 3 * DAY, WEDNESDAY);
    const well = times.map((at) => ({ at, ...quietOfAws }));

    expect(stateAt(alarm(id), [...writtenAt(quiet, times), ...well], WEDNESDAY)).toBe("OK");
  });
});
