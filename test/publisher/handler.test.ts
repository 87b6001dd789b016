import {
  EventBridgeClient,
  EventBridgeServiceException,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from "@aws-sdk/client-eventbridge";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Context, DynamoDBRecord } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import type { handler as Handler } from "../../functions/publisher/handler.ts";
import { anImage, anOutboxRecord } from "../../tools/fakes/outbox-record.ts";
import { skipPauses } from "../builders/skip-pauses.ts";
import { versions } from "../builders/versions.ts";

skipPauses();

const bus = mockClient(EventBridgeClient);
const queue = mockClient(SQSClient);

let handler: typeof Handler;
let lines: string[];

interface Detail {
  readonly metadata: {
    readonly id: string;
    readonly version: number;
    readonly publishedAt: string;
  };
  readonly agent: { readonly availabilityId: string };
}

const detailOf = (entry: PutEventsRequestEntry) => JSON.parse(entry.Detail ?? "") as Detail;
const idOf = (entry: PutEventsRequestEntry) =>
  detailOf(entry).metadata.id.split("/").slice(1).join("/");
const calls = () =>
  bus.commandCalls(PutEventsCommand).map((call) => call.args[0].input.Entries ?? []);
const sent = () => calls().flat().map(idOf);
const deadLetters = () =>
  queue.commandCalls(SendMessageCommand).map(
    (call) =>
      JSON.parse(call.args[0].input.MessageBody ?? "") as {
        cause: { code: string; message: string; eventId?: string };
        deadLetteredAt: string;
        record: DynamoDBRecord;
      },
  );

/** Makes the bus reject the entries for which `codeFor` returns a code. */
function rejectEntries(codeFor: (entry: PutEventsRequestEntry) => string | undefined): void {
  bus.on(PutEventsCommand).callsFake((input: { Entries: PutEventsRequestEntry[] }) => {
    const entries = input.Entries.map((entry): PutEventsResultEntry => {
      const code = codeFor(entry);
      return code === undefined
        ? { EventId: "e" }
        : { ErrorCode: code, ErrorMessage: `no: ${code}` };
    });
    return {
      FailedEntryCount: entries.filter(({ ErrorCode }) => ErrorCode).length,
      Entries: entries,
    };
  });
}

interface MetricLine {
  readonly EventAge?: number | readonly number[];
  readonly [name: string]: unknown;
}

/** The lines in embedded metric format. */
const metricLines = () =>
  lines.filter((line) => line.includes('"_aws"')).map((line) => JSON.parse(line) as MetricLine);

async function publish(
  records: readonly DynamoDBRecord[],
  remainingMs = 60_000,
): Promise<string[]> {
  const context = { getRemainingTimeInMillis: () => remainingMs } as Context;
  const { batchItemFailures } = await handler({ Records: [...records] }, context);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

beforeAll(async () => {
  Object.assign(process.env, {
    STAGE: "test",
    BUS_NAME: "agent-availability-test",
    DEAD_LETTER_QUEUE_URL: "https://sqs/dead-letters",
    PERSONAL_DATA_IN_EVENTS: "false",
    POWERTOOLS_DEV: "true",
    POWERTOOLS_METRICS_DISABLED: "false",
    AWS_REGION: "us-east-1",
  });
  ({ handler } = await import("../../functions/publisher/handler.ts"));
});

beforeEach(() => {
  bus.reset();
  queue.reset();
  queue.on(SendMessageCommand).resolves({});
  rejectEntries(() => undefined);
  lines = [];
  for (const level of ["log", "info", "warn"] as const) {
    jest.spyOn(console, level).mockImplementation((...values: unknown[]) => {
      lines.push(
        values.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join(" "),
      );
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe("a record", () => {
  it("is published as typed events on the stage's bus", async () => {
    const failures = await publish([anOutboxRecord()]);

    expect(failures).toEqual([]);
    expect(calls()).toHaveLength(1);
    expect(
      calls()[0]?.map(({ EventBusName, Source, DetailType }) => ({
        EventBusName,
        Source,
        DetailType,
      })),
    ).toEqual([
      {
        EventBusName: "agent-availability-test",
        Source: "freshworks.agent-availability",
        DetailType: "Agent Availability Changed",
      },
      {
        EventBusName: "agent-availability-test",
        Source: "freshworks.agent-availability",
        DetailType: "Agent Status Changed",
      },
      {
        EventBusName: "agent-availability-test",
        Source: "freshworks.agent-availability",
        DetailType: "Agent Channel Availability Changed",
      },
    ]);
    const [first] = calls()[0] ?? [];
    expect(first && detailOf(first)).toEqual({
      metadata: {
        id: "11010177632/787096/1795486584641/1/AgentAvailabilityChanged",
        schemaVersion: 1,
        epoch: 1795486584641,
        version: 1,
        occurredAt: "2026-11-24T08:00:00.000Z",
        receivedAt: "2026-11-24T08:00:01.000Z",
        publishedAt: first?.Time?.toISOString(),
        origin: "relay",
        gap: false,
        webhookId: "delivery-1",
      },
      accountId: "11010177632",
      agent: { availabilityId: "787096", ids: { freshchat: "3282" } },
      actor: { type: "agent", id: "11032938000" },
      changed: ["status", "loggedIn", "channels", "profile"],
      loggedIn: true,
      status: { id: "232", name: "On break", since: "2026-11-24T08:00:00.000Z" },
      channels: { freshchat: { available: true, agentId: "3282" } },
    });
  });

  it("of a deletion is published as a removal at the time of the record", async () => {
    const record = anOutboxRecord({ before: anImage(), after: undefined });

    await publish([record]);

    const [removed] = calls().flat();
    expect(removed?.DetailType).toBe("Agent Removed");
    expect(removed && detailOf(removed).metadata).toMatchObject({
      id: "11010177632/787096/1795486584641/2/AgentRemoved",
      occurredAt: new Date(
        (record.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000,
      ).toISOString(),
    });
  });

  it("of an expired tombstone publishes nothing and succeeds", async () => {
    const tombstone = {
      ...anImage(),
      removedAt: { S: "2026-11-24T09:00:00.000Z" },
      removedBecause: { S: "forgotten" },
      expiresAt: { N: "1" },
    };

    expect(await publish([anOutboxRecord({ before: tombstone, after: undefined })])).toEqual([]);
    expect(calls()).toEqual([]);
    expect(lines).toHaveLength(1);
  });
});

const versionsOf = (agent: string) =>
  sent()
    .filter((id) => id.startsWith(agent))
    .map((id) => id.split("/")[2]);

describe("a batch", () => {
  it("combines entries of different agents in calls of at most 10", async () => {
    const records = Array.from({ length: 25 }, (_, index) => versions(`${index}`, 1, index)).flat();

    expect(await publish(records)).toEqual([]);
    expect(calls().map((entries) => entries.length)).toEqual([10, 10, 5]);
  });

  it("sends an agent's next version only after every entry of the previous version was accepted", async () => {
    const inFlight = new Set<string>();
    const overlaps: string[] = [];
    bus.on(PutEventsCommand).callsFake(async (input: { Entries: PutEventsRequestEntry[] }) => {
      const agents = input.Entries.map((entry) => detailOf(entry).agent.availabilityId);
      overlaps.push(...agents.filter((agent) => inFlight.has(agent)));
      for (const agent of agents) inFlight.add(agent);
      await new Promise((resolve) => setTimeout(resolve, 5));
      for (const agent of agents) inFlight.delete(agent);
      return { FailedEntryCount: 0, Entries: agents.map(() => ({ EventId: "e" })) };
    });

    await publish([...versions("a", 3, 1), ...versions("b", 2, 4)]);

    expect(overlaps).toEqual([]);
    expect(
      calls().map((entries) =>
        entries.map((entry) => idOf(entry).replace("/AgentAvailabilityChanged", "")),
      ),
    ).toEqual([
      ["a/1795486584641/2", "b/1795486584641/2"],
      ["a/1795486584641/3", "b/1795486584641/3"],
      ["a/1795486584641/4"],
    ]);
  });

  it("stops an agent at a rejected version after a second attempt, and continues with the others", async () => {
    rejectEntries((entry) =>
      idOf(entry).startsWith("a/1795486584641/3") ? "InternalFailure" : undefined,
    );

    const failures = await publish([...versions("a", 3, 1), ...versions("b", 3, 4)]);

    expect(failures).toEqual(["2", "3"]);
    expect(versionsOf("a")).toEqual(["2", "3", "3"]);
    expect(versionsOf("b")).toEqual(["2", "3", "4"]);
    expect(deadLetters()).toEqual([]);
  });

  it("sends only the rejected entries of a version again, with the same IDs", async () => {
    let rejections = 1;
    rejectEntries((entry) =>
      entry.DetailType === "Agent Status Changed" && rejections-- > 0
        ? "ThrottlingException"
        : undefined,
    );

    expect(await publish([anOutboxRecord()])).toEqual([]);
    expect(sent().map((id) => id.split("/")[3])).toEqual([
      "AgentAvailabilityChanged",
      "AgentStatusChanged",
      "AgentChannelAvailabilityChanged",
      "AgentStatusChanged",
    ]);
  });

  it.each([
    ["there is no response for an entry", { FailedEntryCount: 0, Entries: [] }],
    ["there are no responses", {}],
    ["a response has neither an ID nor a code", { FailedEntryCount: 0, Entries: [{}] }],
  ])("fails if %s", async (_, response) => {
    bus.on(PutEventsCommand).resolves(response);

    expect(await publish(versions("a", 1, 1))).toEqual(["1"]);
  });

  it("reports all records as failed if it has run out of time", async () => {
    expect(await publish(versions("a", 2, 1), 4000)).toEqual(["1", "2"]);
    expect(calls()).toEqual([]);
  });
});

describe("a call that is rejected as a whole", () => {
  const rejection = new EventBridgeServiceException({
    name: "ValidationException",
    $fault: "client",
    message: "one of them is bad",
    $metadata: {},
  });

  it("is sent entry by entry the next time, so that a bad entry does not block the others", async () => {
    bus.on(PutEventsCommand).callsFake((input: { Entries: PutEventsRequestEntry[] }) => {
      if (input.Entries.some((entry) => idOf(entry).startsWith("bad/"))) {
        throw rejection;
      }
      return { FailedEntryCount: 0, Entries: input.Entries.map(() => ({ EventId: "e" })) };
    });

    const failures = await publish([
      ...versions("a", 1, 1),
      ...versions("bad", 1, 2),
      ...versions("c", 1, 3),
    ]);

    expect(failures).toEqual(["2"]);
    expect(calls().map((entries) => entries.length)).toEqual([3, 1, 1, 1]);
  });

  it.each([
    [
      "throttled",
      new EventBridgeServiceException({
        name: "ThrottlingException",
        $fault: "client",
        message: "slow",
        $metadata: {},
      }),
    ],
    [
      "failed",
      new EventBridgeServiceException({
        name: "InternalException",
        $fault: "server",
        message: "oops",
        $metadata: {},
      }),
    ],
    ["lost on its way", new Error("socket hang up")],
  ])("differs from a call that is %s, which is sent again unchanged", async (_, error) => {
    bus
      .on(PutEventsCommand)
      .rejectsOnce(error)
      .callsFake((input: { Entries: PutEventsRequestEntry[] }) => ({
        FailedEntryCount: 0,
        Entries: input.Entries.map(() => ({ EventId: "e" })),
      }));

    expect(await publish([...versions("a", 1, 1), ...versions("b", 1, 2)])).toEqual([]);
    expect(calls().map((entries) => entries.length)).toEqual([2, 2]);
  });
});

describe("a record that cannot be published", () => {
  it.each(["MalformedDetail", "InvalidArgument"])(
    "is dead-lettered immediately after %s, with its cause, and the agent's later versions are published",
    async (code) => {
      rejectEntries((entry) => (idOf(entry).startsWith("a/1795486584641/2/") ? code : undefined));

      const failures = await publish(versions("a", 2, 1));

      expect(failures).toEqual([]);
      expect(sent()).toEqual([
        "a/1795486584641/2/AgentAvailabilityChanged",
        "a/1795486584641/3/AgentAvailabilityChanged",
      ]);
      expect(deadLetters()).toHaveLength(1);
      expect(deadLetters()[0]?.cause).toEqual({
        code,
        message: `no: ${code}`,
        eventId: "11010177632/a/1795486584641/2/AgentAvailabilityChanged",
      });
      expect(deadLetters()[0]?.record.eventID).toBe("record-1");
    },
  );

  it("is dead-lettered only after the other entries of its version were accepted", async () => {
    let isBusy = true;
    rejectEntries((entry) => {
      if (entry.DetailType === "Agent Status Changed") {
        return "MalformedDetail";
      }
      return isBusy ? "ThrottlingException" : undefined;
    });

    expect(await publish([anOutboxRecord()])).toEqual(["1"]);
    expect(deadLetters()).toEqual([]);
    isBusy = false;
    expect(await publish([anOutboxRecord()])).toEqual([]);
    expect(deadLetters().map(({ cause }) => cause.code)).toEqual(["MalformedDetail"]);
  });

  it("is dead-lettered with a cause that names the attribute, if it cannot be parsed", async () => {
    const { epoch: _epoch, ...broken } = anImage();
    const unreadable = anOutboxRecord({ after: broken, sequence: "1" });

    expect(await publish([unreadable, ...versions("787096", 1, 2)])).toEqual([]);
    expect(deadLetters().map(({ cause }) => cause)).toEqual([
      { code: "UnreadableRecord", message: "epoch must be a safe integer" },
    ]);
    expect(sent()).toHaveLength(1);
  });

  it("is dead-lettered if it has no images, and the agent's later versions are published", async () => {
    const record = anOutboxRecord({ before: anImage(), after: anImage(), sequence: "1" });
    const { NewImage: _new, OldImage: _old, ...rest } = record.dynamodb ?? {};
    const withoutImages = { ...record, dynamodb: rest };

    expect(await publish([withoutImages, ...versions("787096", 1, 2)])).toEqual([]);
    expect(deadLetters()).toEqual([
      {
        cause: {
          code: "UnreadableRecord",
          message: "stream record must contain an image (got none)",
        },
        deadLetteredAt: expect.any(String),
        record: withoutImages,
        profileChanged: false,
      },
    ]);
    expect(sent()).toEqual(["787096/1795486584641/2/AgentAvailabilityChanged"]);
  });

  it("is dead-lettered if an entry is over 240 KB, and the other entries of the version are published", async () => {
    const channels = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `channel-${index}`,
        { M: { available: { BOOL: true }, agentId: { S: "x".repeat(7000) } } },
      ]),
    );
    const status = { M: { id: { S: "1" }, name: { S: "x".repeat(110_000) } } };
    const large = anOutboxRecord({ after: anImage({ channels: { M: channels }, status }) });

    expect(await publish([large])).toEqual([]);
    const { code, message, eventId } = deadLetters()[0]?.cause ?? {};
    expect({ code, eventId }).toEqual({
      code: "EntryTooLarge",
      eventId: "11010177632/787096/1795486584641/1/AgentAvailabilityChanged",
    });
    expect(message).toMatch(/^[2-4]\d{5} bytes$/);
    expect(sent()).not.toContain("787096/1795486584641/1/AgentAvailabilityChanged");
  });

  it("is dead-lettered completely, except for names and email addresses", async () => {
    rejectEntries(() => "MalformedDetail");

    await publish([anOutboxRecord({ before: anImage(), after: anImage({ version: { N: "2" } }) })]);

    const text = JSON.stringify(deadLetters());
    expect(text).not.toMatch(/Rachel|rachel@|Minerva/);
    const { name: _n, email: _e, ...rest } = anImage({ version: { N: "2" } });
    expect(deadLetters()[0]?.record.dynamodb?.NewImage).toEqual({
      ...rest,
      actor: { M: { type: { S: "agent" }, id: { S: "11032938000" } } },
    });
    expect(deadLetters()[0]?.record.dynamodb?.OldImage).toMatchObject({ version: { N: "1" } });
  });

  it.each([
    ["differ", { email: { S: "rachel@example.com" } }, true],
    ["are the same", {}, false],
  ])(
    "is dead-lettered with whether the removed names or email addresses %s",
    async (_, overrides, isChanged) => {
      rejectEntries(() => "MalformedDetail");
      const after = anImage({ version: { N: "2" }, ...overrides });

      await publish([anOutboxRecord({ before: anImage(), after })]);

      expect(deadLetters()[0]).toMatchObject({ profileChanged: isChanged });
    },
  );

  it("is retried if the queue rejects it, and the agent's later versions wait", async () => {
    rejectEntries((entry) =>
      idOf(entry).startsWith("a/1795486584641/2/") ? "MalformedDetail" : undefined,
    );
    queue.on(SendMessageCommand).rejects(new Error("queue unavailable"));

    expect(await publish(versions("a", 2, 1))).toEqual(["1", "2"]);
    expect(JSON.parse(lines.find((line) => line.includes('"published"')) ?? "")).toEqual({
      message: "published",
      records: 2,
      accepted: 0,
      failures: 2,
      rejections: ["DeadLetterQueue:Error"],
      deadLettered: [],
    });
    expect(metricLines()[0]).toMatchObject({ EntriesRejected: 1 });
    expect(metricLines()[0]).not.toHaveProperty("EventsDeadLettered");
  });
});

const oldRecord = (ageSeconds: number) => anOutboxRecord({ agent: "a", ageSeconds });
const rejectA = (entry: PutEventsRequestEntry) =>
  idOf(entry).startsWith("a/") ? "SomethingNew" : undefined;

describe("an entry that is still rejected", () => {
  it("is dead-lettered if its record is over 15 minutes old and others are accepted", async () => {
    rejectEntries(rejectA);

    expect(await publish([oldRecord(5000), ...versions("b", 1, 2)])).toEqual([]);
    expect(deadLetters().map(({ cause }) => cause.eventId?.split("/").at(4))).toEqual(
      ["AgentAvailabilityChanged", "AgentStatusChanged", "AgentChannelAvailabilityChanged"].map(
        (type) => type,
      ),
    );
  });

  it("is retried if its record is younger", async () => {
    rejectEntries(rejectA);

    expect(await publish([oldRecord(0), ...versions("b", 1, 2)])).toEqual(["1"]);
    expect(deadLetters()).toEqual([]);
  });

  it("is retried if nothing is accepted, however old its record is", async () => {
    rejectEntries(() => "AccessDeniedException");

    expect(await publish([oldRecord(5000), ...versions("b", 1, 2)])).toEqual(["1", "2"]);
    expect(deadLetters()).toEqual([]);
  });

  it("is retried if nothing is accepted now, even if the bus accepted others before", async () => {
    await publish(versions("b", 1, 1));
    rejectEntries(() => "AccessDeniedException");

    expect(await publish([oldRecord(5000)])).toEqual(["1"]);
    expect(deadLetters()).toEqual([]);
  });

  it("is retried, however old its record is, if the bus begins to reject everything in the middle of the batch", async () => {
    let isForbidden = false;
    rejectEntries((entry) => {
      isForbidden ||= idOf(entry).startsWith("b/1795486584641/3/");
      return isForbidden ? "AccessDeniedException" : undefined;
    });

    const failures = await publish([oldRecord(5000), ...versions("b", 2, 2, 5000)]);

    expect(failures).toEqual(["3"]);
    expect(deadLetters()).toEqual([]);
  });

  it("is dead-lettered if its agent fills the batch and the bus accepts an earlier entry again", async () => {
    await publish(versions("b", 1, 1));
    rejectEntries(rejectA);

    const failures = await publish([oldRecord(5000), ...versions("a", 99, 2)]);

    expect(failures).toHaveLength(99);
    expect(failures).not.toContain("1");
    expect(deadLetters().map(({ cause }) => cause.eventId)).toEqual([
      "11010177632/a/1795486584641/1/AgentAvailabilityChanged",
      "11010177632/a/1795486584641/1/AgentStatusChanged",
      "11010177632/a/1795486584641/1/AgentChannelAvailabilityChanged/freshchat",
    ]);
    const repeats = calls()
      .flat()
      .filter((entry) => idOf(entry).startsWith("b/"));
    expect(repeats).toHaveLength(2);
    expect(repeats[1]).toEqual(repeats[0]);
  });

  it("is not dead-lettered if it was only throttled, however long", async () => {
    rejectEntries((entry) => (idOf(entry).startsWith("a/") ? "ThrottlingException" : undefined));

    expect(await publish([oldRecord(5000), ...versions("b", 1, 2)])).toEqual(["1"]);
    expect(deadLetters()).toEqual([]);
  });

  it("is not dead-lettered if its call was lost, even if others were accepted", async () => {
    bus.on(PutEventsCommand).callsFake((input: { Entries: PutEventsRequestEntry[] }) => {
      if (input.Entries.some((entry) => idOf(entry).startsWith("a/"))) {
        throw new Error("socket hang up");
      }
      return { FailedEntryCount: 0, Entries: input.Entries.map(() => ({ EventId: "e" })) };
    });
    const others = Array.from({ length: 10 }, (_, index) => versions(`${index}`, 1, index + 2));

    expect(await publish([...others.flat(), oldRecord(5000)])).toEqual(["1"]);
    expect(deadLetters()).toEqual([]);
  });

  it("is attempted five times before it is dead-lettered, because a recovering bus rejects entries at random", async () => {
    let rejections = 4 * 3;
    rejectEntries((entry) =>
      idOf(entry).startsWith("a/") && rejections-- > 0 ? "ThrottlingException" : undefined,
    );

    expect(await publish([oldRecord(5000), ...versions("b", 1, 2)])).toEqual([]);
    expect(deadLetters()).toEqual([]);
  });
});

it("logs counts, error codes and event IDs and writes metrics, without personal data", async () => {
  rejectEntries((entry) =>
    entry.DetailType === "Agent Status Changed" ? "MalformedDetail" : undefined,
  );

  await publish([anOutboxRecord()]);

  const log = lines.find((line) => line.includes('"published"'));
  expect(JSON.parse(log ?? "")).toEqual({
    message: "published",
    records: 1,
    accepted: 2,
    failures: 0,
    rejections: [],
    deadLettered: [
      {
        code: "MalformedDetail",
        message: "no: MalformedDetail",
        eventId: "11010177632/787096/1795486584641/1/AgentStatusChanged",
      },
    ],
  });
  expect(metricLines()).toHaveLength(1);
  expect(metricLines()[0]).toMatchObject({
    service: "publisher",
    stage: "test",
    EventsPublished: 2,
    PublishedAgentAvailabilityChanged: 1,
    PublishedAgentChannelAvailabilityChanged: 1,
    EventsDeadLettered: 1,
  });
  expect(metricLines()[0]).not.toHaveProperty("PublishedAgentStatusChanged");
  expect(metricLines()[0]).not.toHaveProperty("PublishedAgentRemoved");
  expect(metricLines()[0]).not.toHaveProperty("EntriesRejected");
  expect(lines.join("\n")).not.toMatch(/Rachel|rachel@|Minerva/);
});

describe("the age of published events", () => {
  const ago = (milliseconds: number) => ({
    updatedAt: { S: new Date(Date.now() - milliseconds).toISOString() },
  });
  const ages = () => metricLines().flatMap(({ EventAge: age = [] }) => age);

  it("is measured in milliseconds, once per change, from occurrence to publishing", async () => {
    const changes = [anImage(ago(3000)), anImage(ago(90_000))];
    await publish(
      changes.map((after, index) =>
        anOutboxRecord({ agent: `${index}`, after, sequence: `${index}` }),
      ),
    );

    const sentAt = calls()
      .flat()
      .filter(({ DetailType }) => DetailType === "Agent Availability Changed")
      .map((entry) => Date.parse(detailOf(entry).metadata.publishedAt));
    expect(ages()).toEqual(
      changes.map(({ updatedAt }, index) => (sentAt[index] ?? 0) - Date.parse(updatedAt?.S ?? "")),
    );
    expect(Math.min(...ages())).toBeGreaterThanOrEqual(3000);
    expect(JSON.stringify(metricLines())).toContain('{"Name":"EventAge","Unit":"Milliseconds"}');
  });

  it.each(["delivery-1#0", "delivery-1#49"])(
    "is not measured for a change that the relay had parked: %s",
    async (webhookId) => {
      const parked = anImage({ ...ago(3_600_000), webhookId: { S: webhookId } });

      await publish([anOutboxRecord({ after: parked })]);

      expect(ages()).toEqual([]);
      expect(metricLines()[0]).toMatchObject({ PublishedAgentAvailabilityChanged: 1 });
    },
  );

  it("is measured for a change whose webhookId only resembles that of a parked one", async () => {
    for (const webhookId of ["delivery#1x", "delivery#"]) {
      await publish([
        anOutboxRecord({ after: anImage({ ...ago(0), webhookId: { S: webhookId } }) }),
      ]);
    }
    const { webhookId: _webhookId, ...without } = anImage(ago(0));
    await publish([anOutboxRecord({ after: without })]);

    expect(ages()).toHaveLength(3);
  });

  it("is 0 if Freshdesk's clock is ahead", async () => {
    await publish([anOutboxRecord({ after: anImage(ago(-3_600_000)) })]);

    expect(ages()).toEqual([0]);
  });

  it("is not measured for events that the bus rejected", async () => {
    rejectEntries(() => "InternalFailure");

    await publish([anOutboxRecord({ after: anImage(ago(3000)) })]);

    expect(ages()).toEqual([]);
    expect(metricLines()[0]).toMatchObject({ EntriesRejected: 3 });
    expect(JSON.parse(lines.find((line) => line.includes('"published"')) ?? "")).toMatchObject({
      failures: 1,
      rejections: ["InternalFailure"],
    });
  });

  it("is measured for each of 250 changes, in lines of at most 100 values, which is CloudWatch's limit", async () => {
    const records = Array.from({ length: 250 }, (_, index) =>
      anOutboxRecord({ agent: `${index}`, after: anImage(ago(0)), sequence: `${index}` }),
    );

    await publish(records);

    expect(ages()).toHaveLength(250);
    expect(
      metricLines().map(({ EventAge: age }) => (Array.isArray(age) ? age.length : age)),
    ).toEqual([100, 100, 50]);
    expect(
      metricLines().reduce((sum, { EventsPublished: count = 0 }) => sum + Number(count), 0),
    ).toBe(750);
  });
});

it("counts published events by type", async () => {
  const twoChannels = anImage({
    channels: {
      M: {
        freshchat: { M: { available: { BOOL: true } } },
        freshcaller: { M: { available: { BOOL: false } } },
      },
    },
  });

  await publish([
    anOutboxRecord({ agent: "1", after: twoChannels }),
    ...versions("2", 3, 2),
    ...["3", "4", "5", "6"].map((agent) =>
      anOutboxRecord({ agent, before: anImage(), after: undefined, sequence: `1${agent}` }),
    ),
  ]);

  expect(metricLines()).toHaveLength(1);
  expect(metricLines()[0]).toMatchObject({
    EventsPublished: 11,
    PublishedAgentStatusChanged: 1,
    PublishedAgentChannelAvailabilityChanged: 2,
    PublishedAgentAvailabilityChanged: 4,
    PublishedAgentRemoved: 4,
  });
});

it("publishes logins and logouts, counts them and measures their age", async () => {
  const session = {
    accountId: { S: "11010177632" },
    availabilityId: { S: "session:72025350026" },
    epoch: { N: "1795486584641" },
    version: { N: "1" },
    updatedAt: { S: "2026-11-24T08:00:00.120Z" },
    eventTimestamp: { N: "1795507200120394" },
    contentHash: { S: "AAAAAAAAAAAAAAAAAAAAAA" },
    userId: { S: "72025350026" },
    email: { S: "rachel@acme.com" },
    loggedIn: { BOOL: true },
    since: { S: "2026-11-24T08:00:00.120Z" },
    receivedAt: { S: "2026-11-24T08:00:01.000Z" },
    webhookId: { S: "delivery-1" },
    origin: { S: "relay" },
  };
  const logout = {
    ...session,
    version: { N: "2" },
    loggedIn: { BOOL: false },
    since: { S: "2026-11-24T17:00:00.000Z" },
  };
  const confirmation = { ...logout, version: { N: "3" } };
  const agent = "session:72025350026";

  await publish([
    anOutboxRecord({ agent, after: session }),
    anOutboxRecord({ agent, before: session, after: logout, sequence: "2" }),
    anOutboxRecord({ agent, before: logout, after: confirmation, sequence: "3" }),
    anOutboxRecord({ agent, before: confirmation, after: undefined, sequence: "4" }),
  ]);

  expect(
    calls()
      .flat()
      .map(({ DetailType: type }) => type),
  ).toEqual(["Agent Login Changed", "Agent Login Changed"]);
  expect(calls().flat().map(detailOf)).toMatchObject([
    { agent: { userId: "72025350026" }, loggedIn: true },
    { loggedIn: false, previous: { loggedIn: true, durationMs: 32_399_880 } },
  ]);
  expect(metricLines()[0]).toMatchObject({ EventsPublished: 2, PublishedAgentLoginChanged: 2 });
  expect(metricLines()[0]).toHaveProperty("EventAge");
  expect(lines.join("\n")).not.toContain("rachel@");
});

it("measures no age for a removal", async () => {
  await publish([anOutboxRecord({ before: anImage(), after: undefined })]);

  expect(metricLines()[0]).not.toHaveProperty("EventAge");
});
