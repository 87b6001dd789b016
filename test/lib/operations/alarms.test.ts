import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";

import { aRequest } from "../../../tools/fakes/request.ts";
import { inputsOf, stateAt } from "./evaluate.ts";
import {
  alarm,
  alarms,
  censusOf,
  DAY,
  every,
  faultLines,
  HOUR,
  identitiesOf,
  MINUTE,
  normalLines,
  publishedInTime,
  SATURDAY,
  WEDNESDAY,
  writtenAt,
} from "./faults.ts";
import {
  hoursAgo,
  identitiesIn,
  type MetricLine,
  metricsOf,
  post,
  resetAws,
} from "./real-functions.ts";

/** Metrics of AWS and of the metric filter, with the documented names of their dimensions. */
const awsMetrics = new Set([
  "AWS/ApiGateway 4xx ApiId",
  "AWS/ApiGateway 5xx ApiId",
  "AWS/ApiGateway Count ApiId",
  "AWS/Events TriggeredRules RuleName",
  "AWS/Lambda Errors ExecutedVersion FunctionName Resource",
  "AWS/Lambda IteratorAge FunctionName",
  "AWS/Lambda DroppedEventCount EventSourceMappingUUID",
  "AWS/Lambda OnFailureDestinationDeliveredEventCount EventSourceMappingUUID",
  "AWS/SQS ApproximateNumberOfMessagesVisible QueueName",
  "AWS/S3 NumberOfObjects BucketName StorageType",
]);

let normal: Awaited<ReturnType<typeof normalLines>>;
let faults: Awaited<ReturnType<typeof faultLines>>;
let inTime: MetricLine[];

beforeAll(async () => {
  normal = await normalLines();
  faults = await faultLines();
  inTime = await publishedInTime();
});

afterEach(resetAws);

describe("each alarm uses metrics that exist", () => {
  it.each(Object.keys(alarms))("%s", (name) => {
    const emitted = identitiesIn([...normal.all, ...Object.values(faults).flat()]);
    const missing = identitiesOf(alarm(name)).filter(
      (text) => !emitted.has(text) && !awsMetrics.has(text),
    );

    expect(identitiesOf(alarm(name))).not.toEqual([]);
    expect(missing).toEqual([]);
  });
});

/** For each alarm that fires on repeated faults: seconds between faults, seconds until it fires, seconds until it clears. */
const repeatedFaults: readonly (readonly [
  name: string,
  interval: number,
  fires: number,
  clears: number,
])[] = [
  ["SignaturesRejected", 10 * MINUTE, HOUR, HOUR],
  ["UnauthenticatedRequests", 10 * MINUTE, HOUR, HOUR],
  ["AccountMismatch", 10 * MINUTE, HOUR, HOUR],
  ["SourceNotAllowed", 10 * MINUTE, HOUR, HOUR],
  ["EventsDropped", 5 * MINUTE, 5 * MINUTE, 15 * MINUTE],
  ["RequestsThrottled", MINUTE, 10 * MINUTE, 20 * MINUTE],
  ["PreviousKeyInUse", 20 * HOUR, 5 * DAY, 2 * DAY],
  ["RelayOutdated", 6 * HOUR, HOUR, 26 * HOUR],
  ["CustomStatusesWronglyOn", 6 * HOUR, HOUR, 26 * HOUR],
  ["CustomStatusesWronglyOff", 6 * HOUR, HOUR, 26 * HOUR],
  ["AgentUpdatesNotParsed", 10 * MINUTE, HOUR, HOUR],
  ["EventsSlow", 20, HOUR, HOUR],
  ["EventsDeadLettered", 5 * MINUTE, 5 * MINUTE, 15 * MINUTE],
  ["ChangesRejectedByTable", 5 * MINUTE, 5 * MINUTE, 15 * MINUTE],
  ["SigningKeysUnavailable", 30, 5 * MINUTE, 5 * MINUTE],
  ["GradualDeployIngestUnavailable", 30, 5 * MINUTE, 5 * MINUTE],
];

describe("an alarm on a metric of the hub", () => {
  it.each(repeatedFaults)(
    "%s fires while its fault lasts, then clears",
    (name, interval, fires, clears) => {
      const end = WEDNESDAY + 4 * DAY;
      const fault = writtenAt(faults[name] ?? [], every(interval, end - fires, end));
      const all = [...fault, ...writtenAt(normal.all, every(5 * MINUTE, WEDNESDAY, end + 2 * DAY))];

      expect(faults[name]).not.toEqual([]);
      expect(stateAt(alarm(name), all, end - fires)).toBe("OK");
      expect(stateAt(alarm(name), all, end)).toBe("ALARM");
      expect(stateAt(alarm(name), all, end + clears)).toBe("OK");
    },
  );

  it.each(repeatedFaults)("%s fires only if enough periods breach", (name) => {
    const { EvaluationPeriods: periods, DatapointsToAlarm: enough = periods } = alarm(name);
    const period = inputsOf(alarm(name))[0]?.period ?? 0;
    const stateWith = (breaching: number) => {
      const times = every(period, WEDNESDAY - breaching * period, WEDNESDAY);
      // EventsSlow ignores periods with fewer than 20 changes.
      const repeated = Array.from({ length: 20 }, () => faults[name] ?? []).flat();
      return stateAt(alarm(name), writtenAt(repeated, times), WEDNESDAY);
    };

    expect(stateWith(enough - 1)).toBe("OK");
    expect(stateWith(enough)).toBe("ALARM");
  });

  it.each([
    ["invalid", { data: {} }],
    ["invalid, in a batch", { events: [{ data: {} }] }],
    ["too large", { data: "x".repeat(200_000) }],
  ])("EventsDropped fires for an event that is %s", async (_what, body) => {
    const dropped = writtenAt(await metricsOf(async () => await post(aRequest(body))), [WEDNESDAY]);

    expect(stateAt(alarm("EventsDropped"), dropped, WEDNESDAY + MINUTE)).toBe("ALARM");
  });

  it("PreviousKeyInUse does not fire if two accounts rotate their keys around midnight", () => {
    const rotations = [WEDNESDAY + 21 * HOUR, WEDNESDAY + 45 * HOUR].flatMap((from) =>
      every(10 * MINUTE, from, from + 5 * HOUR),
    );
    const lines = writtenAt(faults["PreviousKeyInUse"] ?? [], rotations);
    const states = every(HOUR, WEDNESDAY, WEDNESDAY + 5 * DAY).map((at) =>
      stateAt(alarm("PreviousKeyInUse"), lines, at),
    );

    expect(states.filter((each) => each !== "OK")).toEqual([]);
  });
});

describe("RelaySilent", () => {
  it("fires after two hours without an event while agents are active, and clears with the next event", () => {
    const census = writtenAt(normal.counted, every(5 * MINUTE, WEDNESDAY, WEDNESDAY + DAY));
    const before = writtenAt(normal.received, every(20 * MINUTE, WEDNESDAY, WEDNESDAY + 9 * HOUR));
    const after = writtenAt(normal.received, [WEDNESDAY + 11 * HOUR + 10 * MINUTE]);
    const state = (hours: number) =>
      stateAt(alarm("RelaySilent"), [...census, ...before, ...after], WEDNESDAY + hours * HOUR);

    expect(normal.counted[0]).toMatchObject({ ActiveAgents: 6, service: "census" });
    expect(state(9)).toBe("OK");
    expect(state(10.5)).toBe("OK");
    expect(state(11)).toBe("ALARM");
    expect(state(11.5)).toBe("OK");
  });

  it.each([
    [4, "OK"],
    [5, "ALARM"],
  ])("with %i active agents and no event is %s", async (agents, state) => {
    const counted = await censusOf(...hoursAgo(...Array<number>(agents).fill(2)));
    const lines = writtenAt(counted, every(5 * MINUTE, WEDNESDAY, WEDNESDAY + 8 * HOUR));

    expect(stateAt(alarm("RelaySilent"), lines, WEDNESDAY + 8 * HOUR)).toBe(state);
  });

  it.each([
    ["no agent is available", []],
    ["two agents who forgot to log out today are available", hoursAgo(9, 10)],
    [
      "twenty agents who forgot to log out yesterday are available",
      hoursAgo(...Array<number>(20).fill(14)),
    ],
  ])("does not fire at night if %s", async (_who, since) => {
    const night = writtenAt(
      await censusOf(...since),
      every(5 * MINUTE, WEDNESDAY, WEDNESDAY + 8 * HOUR),
    );

    expect(night[0]).toMatchObject({ AvailableOnFreshcaller: since.length });
    expect(stateAt(alarm("RelaySilent"), night, WEDNESDAY + 8 * HOUR)).toBe("OK");
  });
});

describe("RelaySilentForADay", () => {
  it("fires after 22 hours of a working day, and clears with the next event", () => {
    const census = writtenAt(normal.counted, every(5 * MINUTE, WEDNESDAY, WEDNESDAY + 2 * DAY));
    const event = writtenAt(normal.received, [WEDNESDAY + 24 * HOUR + 1]);
    const state = (hours: number) =>
      stateAt(alarm("RelaySilentForADay"), [...census, ...event], WEDNESDAY + hours * HOUR);

    expect(state(21)).toBe("OK");
    expect(state(24)).toBe("ALARM");
    expect(state(25)).toBe("OK");
  });

  it.each([
    ["Honolulu", -10],
    ["Berlin", 1],
    ["Auckland", 13],
  ])("does not fire from Friday to Monday in %s", (_city, utcOffset) => {
    const census = writtenAt(normal.counted, every(HOUR, WEDNESDAY, SATURDAY + 4 * DAY));
    const fridayEvening = SATURDAY - DAY + (17 - utcOffset) * HOUR;
    const mondayMorning = SATURDAY + 2 * DAY + (9 - utcOffset) * HOUR;
    const events = writtenAt(normal.received, [
      ...every(HOUR, fridayEvening - 8 * HOUR, fridayEvening),
      ...every(HOUR, mondayMorning, mondayMorning + 8 * HOUR),
    ]);
    const states = every(HOUR, fridayEvening, mondayMorning + HOUR).map((at) =>
      stateAt(alarm("RelaySilentForADay"), [...census, ...events], at),
    );

    expect(states.filter((each) => each !== "OK")).toEqual([]);
  });

  it("fires late on a Friday that is not a working day, and clears at midnight", () => {
    const census = writtenAt(normal.counted, every(HOUR, WEDNESDAY, SATURDAY + DAY));
    const thursday = writtenAt(
      normal.received,
      every(HOUR, WEDNESDAY + DAY, WEDNESDAY + 48 * HOUR),
    );
    const state = (at: number) =>
      stateAt(alarm("RelaySilentForADay"), [...census, ...thursday], at);

    expect(state(SATURDAY - 3 * HOUR)).toBe("OK");
    expect(state(SATURDAY - 2 * HOUR)).toBe("ALARM");
    expect(state(SATURDAY)).toBe("ALARM");
    expect(state(SATURDAY + HOUR)).toBe("OK");
  });

  it.each([
    [0, "OK"],
    [1, "ALARM"],
  ])("with %i stored items and no event is %s", (items, state) => {
    const lines = every(HOUR, WEDNESDAY, WEDNESDAY + DAY).map((at) => ({ at, StoredItems: items }));

    expect(stateAt(alarm("RelaySilentForADay"), lines, WEDNESDAY + DAY)).toBe(state);
  });
});

describe("EventsNotPublished", () => {
  it("fires if changes are stored and none is published, and clears once changes are published", () => {
    const from = WEDNESDAY + HOUR;
    const stored = writtenAt(normal.received, every(5 * MINUTE, WEDNESDAY, from + 5 * HOUR));
    const published = writtenAt(normal.published, [
      ...every(5 * MINUTE, WEDNESDAY, from),
      ...every(5 * MINUTE, from + HOUR, from + 5 * HOUR),
    ]);
    const state = (at: number) =>
      stateAt(alarm("EventsNotPublished"), [...stored, ...published], at);

    expect(state(from)).toBe("OK");
    expect(state(from + 30 * MINUTE)).toBe("OK");
    expect(state(from + 45 * MINUTE)).toBe("ALARM");
    expect(state(from + 4 * HOUR)).toBe("OK");
  });

  it("fires on a small stage with one change an hour", () => {
    const stored = writtenAt(normal.received, every(HOUR, WEDNESDAY, WEDNESDAY + 6 * HOUR));

    expect(stateAt(alarm("EventsNotPublished"), stored, WEDNESDAY + 3 * HOUR)).toBe("ALARM");
  });
});

describe("EventsSlow", () => {
  const stateWith = (changes: number, age: number) => {
    const times = every(15 * MINUTE, WEDNESDAY, WEDNESDAY + HOUR);
    const lines = times.map((at) => ({ at, EventAge: Array<number>(changes).fill(age) }));
    return stateAt(alarm("EventsSlow"), lines, WEDNESDAY + HOUR);
  };

  it("fires only above 5 seconds and with at least 20 changes in 15 minutes", () => {
    expect(stateWith(20, 5000)).toBe("OK");
    expect(stateWith(20, 5001)).toBe("ALARM");
    expect(stateWith(19, 5001)).toBe("OK");
  });

  it("does not fire if all changes are published in time", () => {
    const lines = writtenAt(inTime, every(20, WEDNESDAY, WEDNESDAY + HOUR));

    expect(stateAt(alarm("EventsSlow"), lines, WEDNESDAY + HOUR)).toBe("OK");
  });

  it("does not fire if few of many changes are slow", () => {
    const many = writtenAt(normal.published, every(5, WEDNESDAY, WEDNESDAY + HOUR));
    const slow = faults["EventsSlow"] ?? [];
    const few = writtenAt(slow, every(15 * MINUTE, WEDNESDAY, WEDNESDAY + HOUR));

    expect(stateAt(alarm("EventsSlow"), [...many, ...few], WEDNESDAY + HOUR)).toBe("OK");
  });
});

it("CensusMissing fires after two periods without a count, and clears with the next count", () => {
  const scheduled = every(5 * MINUTE, WEDNESDAY, WEDNESDAY + 2 * HOUR).map((at) => ({
    at,
    TriggeredRules: 1,
  }));
  const counted = writtenAt(normal.counted, [
    ...every(5 * MINUTE, WEDNESDAY, WEDNESDAY + HOUR),
    WEDNESDAY + 100 * MINUTE,
  ]);
  const state = (minutes: number) =>
    stateAt(alarm("CensusMissing"), [...scheduled, ...counted], WEDNESDAY + minutes * MINUTE);

  expect(state(60)).toBe("OK");
  expect(state(75)).toBe("OK");
  expect(state(90)).toBe("ALARM");
  expect(state(105)).toBe("OK");
});

it("tests each alarm on a metric of the hub", () => {
  const tested = [
    ...repeatedFaults.map(([name]) => name),
    "RelaySilent",
    "RelaySilentForADay",
    "EventsNotPublished",
    "CensusMissing",
  ];
  const own = Object.keys(alarms).filter((name) =>
    identitiesOf(alarm(name)).some((text) => text.startsWith("AgentAvailability")),
  );

  expect(tested.toSorted()).toEqual(own.toSorted());
});

describe("CloudWatch's limits", () => {
  it.each(Object.entries(alarms))(
    "%s evaluates no longer than CloudWatch allows",
    (_name, each) => {
      const period = inputsOf(each)[0]?.period ?? 0;

      expect(period * each.EvaluationPeriods).toBeLessThanOrEqual(period < HOUR ? DAY : 7 * DAY);
    },
  );
});
