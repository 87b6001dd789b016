import { DynamoDBServiceException, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";

import { anImage, anOutboxRecord } from "../builders/outbox-record.ts";
import { aPayload } from "../builders/payload.ts";
import { aRequest } from "../builders/request.ts";
import { everySetting } from "../lib/synthesized.ts";
import { type AlarmProperties, inputsOf, stateAt, type Written } from "./evaluate.ts";
import { alarmsOf, operationsOf } from "./stack.ts";
import {
  allIsWell,
  count,
  type MetricLine,
  metricsIn,
  OLD_KEY,
  post,
  publish,
  secrets,
  table,
  writtenBy,
} from "./written.ts";

const alarms = alarmsOf(operationsOf(everySetting));

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
  "AWS/Lambda IteratorAge FunctionName",
  "AWS/Lambda DestinationDeliveryFailures FunctionName",
  "AWS/SQS ApproximateNumberOfMessagesVisible QueueName",
  "AWS/SQS ApproximateAgeOfOldestMessage QueueName",
  "AWS/S3 NumberOfObjects BucketName StorageType",
  "AgentAvailability/blue RequestsThrottled",
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
const faults: Record<string, MetricLine[]> = {};

beforeAll(async () => {
  received = await writtenBy(async () => await post(aRequest(aPayload())));
  told = await writtenBy(async () => await publish(aged(300)));
  counted = await writtenBy(count);
  quiet = [...received, ...told, ...counted];
  faults["SignaturesRefused"] = await writtenBy(
    async () => await post(aRequest(aPayload(), { key: "whsec_Zm9yZWlnbi1mb3JlaWdu" })),
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
  });
  faults["OldKeyInUse"] = await writtenBy(
    async () => await post(aRequest(aPayload(), { key: OLD_KEY })),
  );
  faults["OldRelay"] = await writtenBy(
    async () => await post(aRequest(aPayload(), { headers: { "x-relay-version": "0.9.0" } })),
  );
  faults["EventsSlow"] = await writtenBy(async () => await publish(aged(9000)));
  faults["EventsSetAside"] = await writtenBy(async () => await publish(unreadable()));
  table.on(UpdateItemCommand).rejects(malformed);
  faults["ItemRefused"] = await writtenBy(async () => await post(aRequest(aPayload())));
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

/** For each alarm on metrics of ours: how often a fault comes, and by when the alarm must be on. */
const cases: readonly (readonly [id: string, everySeconds: number, on: number, off: number])[] = [
  ["SignaturesRefused", 10 * MINUTE, HOUR, HOUR],
  ["AccountsRefused", 10 * MINUTE, HOUR, HOUR],
  ["SourcesRefused", 10 * MINUTE, HOUR, HOUR],
  ["ChangesDropped", 5 * MINUTE, 5 * MINUTE, 5 * MINUTE],
  ["OldKeyInUse", HOUR, 2 * DAY, DAY],
  ["OldRelay", HOUR, DAY, DAY],
  ["EventsSlow", 20, HOUR, HOUR],
  ["EventsSetAside", 5 * MINUTE, 5 * MINUTE, 5 * MINUTE],
  ["ItemRefused", 5 * MINUTE, 5 * MINUTE, 5 * MINUTE],
  ["KeysOutOfReach", 30, 5 * MINUTE, 5 * MINUTE],
];

describe("an alarm on a metric of ours", () => {
  it.each(cases)("%s goes on while its fault lasts, and off after it", (id, seconds, on, off) => {
    const mended = WEDNESDAY + 4 * DAY;
    const fault = writtenAt(faults[id] ?? [], every(seconds, mended - on, mended));
    const all = [...fault, ...writtenAt(quiet, every(5 * MINUTE, WEDNESDAY, mended + 2 * DAY))];

    expect(faults[id]).not.toEqual([]);
    expect(stateAt(alarm(id), all, mended - on - (on % DAY))).toBe("OK");
    expect(stateAt(alarm(id), all, mended)).toBe("ALARM");
    expect(stateAt(alarm(id), all, mended + off)).toBe("OK");
  });

  it("RelaySilent goes on where agents are at work and nothing comes, and off once it does", () => {
    const census = writtenAt(counted, every(5 * MINUTE, WEDNESDAY, WEDNESDAY + DAY));
    const before = writtenAt(received, every(20 * MINUTE, WEDNESDAY, WEDNESDAY + 9 * HOUR));
    const after = writtenAt(received, [WEDNESDAY + 11 * HOUR + 10 * MINUTE]);
    const state = (hours: number) =>
      stateAt(alarm("RelaySilent"), [...census, ...before, ...after], WEDNESDAY + hours * HOUR);

    expect(state(9)).toBe("OK");
    expect(state(10.5)).toBe("OK");
    expect(state(11)).toBe("ALARM");
    expect(state(11.5)).toBe("OK");
  });

  it("RelaySilent stays off at night, when nobody is available", async () => {
    table.on(ScanCommand).resolves({ Count: 0 });
    const nobody = await writtenBy(count);
    const night = writtenAt(nobody, every(5 * MINUTE, WEDNESDAY, WEDNESDAY + 8 * HOUR));

    expect(nobody[0]).toMatchObject({ AvailableOnFreshdesk: 0, service: "census" });
    expect(stateAt(alarm("RelaySilent"), night, WEDNESDAY + 8 * HOUR)).toBe("OK");
  });

  it("RelaySilentForADay goes on after 20 hours of a working day, and off with a change", () => {
    const census = writtenAt(counted, every(5 * MINUTE, WEDNESDAY, WEDNESDAY + 2 * DAY));
    const change = writtenAt(received, [WEDNESDAY + 21 * HOUR + 1]);
    const state = (hours: number) =>
      stateAt(alarm("RelaySilentForADay"), [...census, ...change], WEDNESDAY + hours * HOUR);

    expect(state(20)).toBe("ALARM");
    expect(state(22)).toBe("OK");
  });

  it("RelaySilentForADay stays off at the weekend", () => {
    const census = writtenAt(counted, every(5 * MINUTE, SATURDAY, SATURDAY + 2 * DAY));

    expect(stateAt(alarm("RelaySilentForADay"), census, SATURDAY + 2 * DAY)).toBe("OK");
  });

  it("EventsNotTold goes on where changes are stored and none is told, and off once they are", () => {
    const from = WEDNESDAY + HOUR;
    const stored = writtenAt(received, every(5 * MINUTE, WEDNESDAY, from + 2 * HOUR));
    const publishing = writtenAt(told, [
      ...every(5 * MINUTE, WEDNESDAY, from),
      ...every(5 * MINUTE, from + HOUR, from + 2 * HOUR),
    ]);
    const state = (at: number) => stateAt(alarm("EventsNotTold"), [...stored, ...publishing], at);

    expect(state(from)).toBe("OK");
    expect(state(from + 45 * MINUTE)).toBe("ALARM");
    expect(state(from + 2 * HOUR)).toBe("OK");
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
      textsOf(alarm(id)).some((text) => text.startsWith("AgentAvailability ")),
    );

    expect(tried.toSorted()).toEqual(ours.toSorted());
  });
});

describe("a quiet day", () => {
  it.each(Object.keys(alarms))("leaves %s off", (id) => {
    const week = writtenAt(quiet, every(5 * MINUTE, WEDNESDAY - 3 * DAY, WEDNESDAY));

    expect(stateAt(alarm(id), week, WEDNESDAY)).toBe("OK");
  });
});
