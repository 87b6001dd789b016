import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";

import { aPayload } from "../../../tools/fakes/payload.ts";
import { aRequest } from "../../../tools/fakes/request.ts";
import { stateAt, type MetricData } from "./evaluate.ts";
import {
  alarm,
  alarms,
  censusOf,
  DAY,
  every,
  HOUR,
  MINUTE,
  normalLines,
  WEDNESDAY,
  writtenAt,
} from "./faults.ts";
import { identitiesIn, metricsOf, post, resetAws, table } from "./real-functions.ts";

let normal: Awaited<ReturnType<typeof normalLines>>;

beforeAll(async () => {
  normal = await normalLines();
});

afterEach(resetAws);

const firing = (names: readonly string[], data: MetricData, at: number) =>
  names.filter((name) => stateAt(alarm(name), data, at) !== "OK");

/** AWS's metrics in normal operation: a few rejected requests, and changes that wait for their batch. */
const normalAwsMetrics = {
  "4xx": 3,
  "5xx": 0,
  Count: 100,
  Errors: 0,
  IteratorAge: 500,
  DroppedEventCount: 0,
  OnFailureDestinationDeliveredEventCount: 0,
  ApproximateNumberOfMessagesVisible: 0,
  NumberOfObjects: 0,
  TriggeredRules: 1,
};

describe("in normal operation", () => {
  it.each(Object.keys(alarms))("%s does not fire", (name) => {
    const times = every(5 * MINUTE, WEDNESDAY - 3 * DAY, WEDNESDAY);
    const aws = times.map((at) => ({ at, ...normalAwsMetrics }));

    expect(stateAt(alarm(name), [...writtenAt(normal.all, times), ...aws], WEDNESDAY)).toBe("OK");
  });
});

describe("on the day of installation", () => {
  it("no alarm fires before the first metric is written", () => {
    expect(firing(Object.keys(alarms), [], WEDNESDAY)).toEqual([]);
  });

  it("no alarm fires while no relay is installed, nor when the first events arrive", async () => {
    table.on(DescribeTableCommand).resolves({ Table: { ItemCount: 0 } });
    const emptyCensus = await censusOf();
    const connected = WEDNESDAY + 2 * DAY;
    const written = [
      ...every(5 * MINUTE, WEDNESDAY, connected + HOUR).map((at) => ({ at, TriggeredRules: 1 })),
      ...writtenAt(emptyCensus, every(5 * MINUTE, WEDNESDAY + MINUTE, connected)),
      ...writtenAt(normal.all, every(5 * MINUTE, connected, connected + HOUR)),
    ];

    expect(emptyCensus[0]).toMatchObject({ StoredItems: 0, ActiveAgents: 0 });
    for (const at of every(HOUR, WEDNESDAY, connected + HOUR)) {
      expect([at, firing(Object.keys(alarms), written, at)]).toEqual([at, []]);
    }
  });
});

describe("a caller without a key", () => {
  const payload = aPayload();
  const pages = Object.keys(alarms).filter((name) =>
    alarm(name).AlarmDescription.startsWith("[page]"),
  );

  it.each([
    ["sends no signature", aRequest(payload, { headers: { "webhook-signature": undefined } })],
    ["names an unknown account", aRequest(payload, { accountId: "4711" })],
    ["names the ping account", aRequest(payload, { accountId: "_ping" })],
    ["calls from another address", aRequest(payload, { sourceIp: "203.0.113.7" })],
    ["sends a body that is too large", aRequest({ data: "x".repeat(200_000) })],
    ["sends a body that is not UTF-8", { ...aRequest(payload, { base64: true }), body: "/w==" }],
  ])("pages no one: %s", async (_what, request) => {
    const lines = await metricsOf(async () => await post(request));
    const day = writtenAt([...normal.all, ...lines], every(MINUTE, WEDNESDAY - DAY, WEDNESDAY));

    expect(identitiesIn(lines).size).toBeGreaterThan(0);
    expect(pages).toContain("SignaturesRejected");
    expect(firing(pages, day, WEDNESDAY)).toEqual([]);
  });
});
