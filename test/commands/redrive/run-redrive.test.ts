import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { DynamoDBRecord } from "aws-lambda";

import { createDeadLetterQueue } from "../../../commands/redrive/dead-letter-queue.ts";
import { createOnFailureDestination } from "../../../commands/redrive/on-failure-destination.ts";
import { createRepublish } from "../../../commands/redrive/republish.ts";
import { type Report, runRedrive } from "../../../commands/redrive/run-redrive.ts";
import { createEventBus } from "../../../functions/bus/event-bus.ts";
import { createDeadLetter } from "../../../functions/publisher/dead-letter.ts";
import { anImage, anOutboxRecord } from "../../../tools/fakes/outbox-record.ts";
import { versions } from "../../builders/versions.ts";
import { aBucketInMemory, aBusInMemory, aQueueInMemory } from "./dead-letters-in-memory.ts";

let bus: ReturnType<typeof aBusInMemory>;
let queue: ReturnType<typeof aQueueInMemory>;
let bucket: ReturnType<typeof aBucketInMemory>;
let pauses: number[];

interface Options {
  readonly personalData?: boolean;
  readonly signal?: AbortSignal;
  readonly maxBytes?: number;
}

async function run(options: Options = {}): Promise<Report> {
  const { personalData = false, signal = new AbortController().signal, maxBytes } = options;
  return await runRedrive({
    queue: createDeadLetterQueue(new SQSClient(), "https://sqs/dead-letters"),
    destination: createOnFailureDestination(new S3Client(), "on-failure"),
    republish: createRepublish({
      bus: createEventBus(new EventBridgeClient()),
      busName: "agent-availability-test",
      personalData,
      signal,
      pause: (milliseconds) => {
        pauses.push(milliseconds);
        return Promise.resolve();
      },
    }),
    signal,
    progress: { onFound: () => undefined, onPublished: () => undefined, onStored: () => undefined },
    ...(maxBytes !== undefined && { maxBytes }),
  });
}

/** Dead-letters a record as the publisher does. */
async function deadLetter(record: DynamoDBRecord, eventId?: string, code = "MalformedDetail") {
  const send = createDeadLetter(
    (body) => {
      queue.put(body);
      return Promise.resolve();
    },
    { personalData: false },
  );
  await send(record, { code, message: "no", ...(eventId !== undefined && { eventId }) });
}

const changed = (agent: string, version: number) =>
  `11010177632/${agent}/1795486584641/${version}/AgentAvailabilityChanged`;
const short = (agent: string, version: number) =>
  `${agent}/1795486584641/${version}/AgentAvailabilityChanged`;

/** Dead-letters the one event of each of an agent's versions, beginning with version 2. */
async function deadLetterVersions(agent: string, count: number): Promise<void> {
  for (const [index, record] of versions(agent, count, 1).entries()) {
    await deadLetter(record, changed(agent, index + 2));
  }
}

const reasons = ({ remaining }: Report) =>
  remaining.map(({ place, availabilityId, version, code }) => ({
    place,
    availabilityId,
    version,
    code,
  }));

beforeEach(() => {
  bus = aBusInMemory();
  queue = aQueueInMemory(new Date("2026-11-25T08:00:00Z"));
  bucket = aBucketInMemory();
  pauses = [];
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe("a message in the dead-letter queue", () => {
  it("is published under the same ID, only the rejected event, and removed", async () => {
    await deadLetter(anOutboxRecord(), "11010177632/787096/1795486584641/1/AgentStatusChanged");

    const report = await run();

    expect(bus.ids()).toEqual(["787096/1795486584641/1/AgentStatusChanged"]);
    expect(bus.accepted[0]).toMatchObject({
      EventBusName: "agent-availability-test",
      Source: "freshworks.agent-availability",
      DetailType: "Agent Status Changed",
    });
    expect(queue.messages.size).toBe(0);
    expect(report).toEqual({
      found: { messages: 1, objects: 0 },
      published: 1,
      removed: { messages: 1, objects: 0 },
      remaining: [],
      interrupted: false,
    });
  });

  it("is published with all events of its record if the record could not be parsed before and now can be", async () => {
    await deadLetter(anOutboxRecord(), undefined, "UnreadableRecord");

    await run();

    expect(bus.ids().map((id) => id.split("/")[3])).toEqual([
      "AgentAvailabilityChanged",
      "AgentStatusChanged",
      "AgentChannelAvailabilityChanged",
    ]);
    expect(queue.messages.size).toBe(0);
  });

  it("is published once if it has a duplicate, and both are removed", async () => {
    await deadLetter(anOutboxRecord(), changed("787096", 1));
    await deadLetter(anOutboxRecord(), changed("787096", 1));

    const report = await run();

    expect(bus.ids()).toEqual([short("787096", 1)]);
    expect(report.removed.messages).toBe(2);
    expect(queue.messages.size).toBe(0);
  });

  it("is published without names if it was dead-lettered without them, even if the stage publishes them now", async () => {
    await deadLetter(anOutboxRecord(), changed("787096", 1));

    await run({ personalData: true });

    expect(JSON.stringify(bus.details())).not.toMatch(/Rachel|rachel@|Minerva/);
    expect(bus.details()).toMatchObject([{ agent: { availabilityId: "787096" } }]);
  });

  it.each([
    ["changed", { name: { S: "Rachel Green" } }, ["profile"]],
    ["did not change", {}, []],
  ])(
    "is published without names, and still reports that the profile %s",
    async (_, overrides, groups) => {
      const [before, after] = [anImage(), anImage({ version: { N: "2" }, ...overrides })];
      await deadLetter(anOutboxRecord({ before, after }), changed("787096", 2));

      await run();

      expect(bus.details()).toMatchObject([{ changed: groups }]);
    },
  );

  it("is received even if the queue has more messages than one call returns", async () => {
    await deadLetterVersions("a", 37);

    const report = await run();

    expect(report.found.messages).toBe(37);
    expect(queue.messages.size).toBe(0);
  });
});

describe("an object in the on-failure destination", () => {
  it("is published with all of its events, with names if the stage publishes them, and removed", async () => {
    bucket.putInvocation("one", [anOutboxRecord({ agent: "a" }), anOutboxRecord({ agent: "b" })]);

    const report = await run({ personalData: true });

    expect(bus.ids().toSorted()).toEqual(
      ["a", "b"].flatMap((agent) => [
        `${agent}/1795486584641/1/AgentAvailabilityChanged`,
        `${agent}/1795486584641/1/AgentChannelAvailabilityChanged/freshchat`,
        `${agent}/1795486584641/1/AgentStatusChanged`,
      ]),
    );
    expect(bus.details()[0]).toMatchObject({ agent: { name: "Rachel", email: "rachel@acme.com" } });
    expect(bucket.objects.size).toBe(0);
    expect(report.removed).toEqual({ messages: 0, objects: 1 });
  });

  it("is found on every page; objects that Lambda did not write are ignored", async () => {
    for (const key of ["1", "2", "3", "4", "5"]) {
      bucket.putInvocation(key, versions(key, 1, 1));
    }
    bucket.put("notes.txt", "not Lambda's");

    const report = await run();

    expect(report.removed.objects).toBe(5);
    expect([...bucket.objects.keys()]).toEqual(["notes.txt"]);
    expect(report.remaining).toEqual([]);
  });

  it("is kept with the unpublished records only", async () => {
    const unpublished = versions("a", 1, 1);
    bucket.putInvocation("one", [...unpublished, ...versions("b", 1, 2)]);
    bus.codeFor = (id) => (id.startsWith("a/") ? "InternalFailure" : undefined);

    const report = await run();

    expect(bucket.recordsIn("one")).toEqual(JSON.parse(JSON.stringify(unpublished)));
    expect(JSON.parse(bucket.objects.get("aws/lambda/uuid/shard/one")?.body ?? "")).toMatchObject({
      requestContext: { condition: "MaxRecordAgeExceeded" },
      version: "1.0",
    });
    expect(report.removed.objects).toBe(0);
    expect(report.remaining).toEqual([
      {
        place: "on-failure-destination",
        id: "aws/lambda/uuid/shard/one",
        accountId: "11010177632",
        availabilityId: "a",
        epoch: 1795486584641,
        version: 2,
        eventId: changed("a", 2),
        code: "InternalFailure",
        message: "no: InternalFailure",
        expiresAt: "2026-12-09T00:00:00.000Z",
      },
    ]);

    bus.codeFor = () => undefined;
    expect((await run()).removed.objects).toBe(1);
    expect(bus.ids()).toEqual([short("b", 2), short("a", 2)]);
  });

  it("is removed only if it did not change after it was read", async () => {
    bucket.putInvocation("one", versions("a", 1, 1));

    await run();

    const [removal] = bucket.s3.commandCalls(DeleteObjectCommand);
    expect(removal?.args[0].input).toMatchObject({ IfMatch: '"1"' });
    expect(bucket.s3.commandCalls(PutObjectCommand)).toEqual([]);
  });

  it("is kept if it changed after it was read", async () => {
    bucket.putInvocation("one", versions("a", 1, 1));
    const later = versions("b", 1, 2);
    bus.codeFor = () => {
      bucket.putInvocation("one", later);
      return undefined;
    };

    const report = await run();

    expect(bucket.recordsIn("one")).toEqual(JSON.parse(JSON.stringify(later)));
    expect(report.removed.objects).toBe(0);
  });
});

describe("an agent's versions", () => {
  it("are published in order, wherever they are", async () => {
    const [second, third, fourth, fifth] = versions("a", 4, 1);
    await deadLetter(fourth as DynamoDBRecord, changed("a", 4));
    bucket.putInvocation("x", [fifth as DynamoDBRecord]);
    bucket.putInvocation("y", [third as DynamoDBRecord]);
    await deadLetter(second as DynamoDBRecord, changed("a", 2));

    await run();

    expect(bus.ids()).toEqual([2, 3, 4, 5].map((version) => short("a", version)));
  });

  it("are published in order across epochs, with a deletion between its last version and the next epoch", async () => {
    const later = anImage({ epoch: { N: "1795486999999" }, version: { N: "1" } });
    const deletion = anOutboxRecord({
      agent: "a",
      before: anImage({ version: { N: "3" } }),
      after: undefined,
      sequence: "3",
    });
    bucket.putInvocation("x", [
      anOutboxRecord({ agent: "a", after: later, sequence: "4" }),
      deletion,
      ...versions("a", 2, 1).toReversed(),
    ]);

    await run();

    expect(bus.ids().map((id) => id.split("/").slice(1, 4).join("/"))).toEqual([
      "1795486584641/2/AgentAvailabilityChanged",
      "1795486584641/3/AgentAvailabilityChanged",
      "1795486584641/4/AgentRemoved",
      "1795486999999/1/AgentAvailabilityChanged",
      "1795486999999/1/AgentStatusChanged",
      "1795486999999/1/AgentChannelAvailabilityChanged",
    ]);
  });

  it("wait behind a temporarily rejected one, in later batches too, while other agents continue", async () => {
    await deadLetterVersions("a", 120);
    await deadLetterVersions("b", 120);
    bus.codeFor = (id) =>
      id.startsWith("a/1795486584641/50/") ? "ThrottlingException" : undefined;

    const report = await run();

    const sentOf = (agent: string) => bus.ids().filter((id) => id.startsWith(`${agent}/`));
    expect(sentOf("a")).toEqual(Array.from({ length: 48 }, (_, index) => short("a", index + 2)));
    expect(sentOf("b")).toEqual(Array.from({ length: 120 }, (_, index) => short("b", index + 2)));
    expect(queue.messages.size).toBe(72);
    const left = reasons(report).toSorted(
      (one, other) => (one.version ?? 0) - (other.version ?? 0),
    );
    expect(left[0]).toEqual({
      place: "dead-letter-queue",
      availabilityId: "a",
      version: 50,
      code: "ThrottlingException",
    });
    expect(new Set(left.slice(1).map(({ code }) => code))).toEqual(new Set(["Blocked"]));
    expect(queue.visible()).toBe(72);
  });

  it("wait behind a temporarily rejected one however old it is", async () => {
    for (const [index, record] of versions("a", 2, 1, 3600).entries()) {
      await deadLetter(record, changed("a", index + 2));
    }
    await deadLetterVersions("b", 1);
    bus.codeFor = (id) => (id === short("a", 2) ? "InternalFailure" : undefined);

    const report = await run();

    expect(bus.ids()).toEqual([short("b", 2)]);
    expect(reasons(report).map(({ version, code }) => [version, code])).toEqual([
      [3, "Blocked"],
      [2, "InternalFailure"],
    ]);
  });

  it("are attempted again after growing pauses if the bus is throttled", async () => {
    await deadLetterVersions("a", 3);
    let rejections = 5;
    bus.codeFor = () => (rejections-- > 0 ? "ThrottlingException" : undefined);

    const report = await run();

    expect(bus.ids()).toEqual([2, 3, 4].map((version) => short("a", version)));
    expect(report.remaining).toEqual([]);
    expect(pauses).toEqual([100, 1000, 100, 2000, 100]);
  });

  it("do not wait behind a permanently rejected one", async () => {
    await deadLetterVersions("a", 3);
    bus.codeFor = (id) => (id === short("a", 3) ? "InvalidArgument" : undefined);

    const report = await run();

    expect(bus.ids()).toEqual([short("a", 2), short("a", 4)]);
    expect(reasons(report)).toEqual([
      { place: "dead-letter-queue", availabilityId: "a", version: 3, code: "InvalidArgument" },
    ]);
    expect(report.remaining[0]).toMatchObject({
      message: "no: InvalidArgument",
      eventId: changed("a", 3),
      expiresAt: "2026-12-09T08:00:00.000Z",
    });
    expect(queue.visible()).toBe(1);
  });

  it("that are in the on-failure destination and in the queue are published once and removed from both", async () => {
    const record = anOutboxRecord();
    await deadLetter(record, "11010177632/787096/1795486584641/1/AgentStatusChanged");
    bucket.putInvocation("one", [record]);

    await run({ personalData: true });

    expect(bus.ids()).toHaveLength(3);
    expect(bus.details()[0]).toMatchObject({ agent: { name: "Rachel" } });
    expect([queue.messages.size, bucket.objects.size]).toEqual([0, 0]);
  });

  it("keep their order if the objects do not fit into memory at the same time", async () => {
    const agents = Array.from({ length: 12 }, (_, index) => `agent-${index}`);
    for (const index of [3, 1, 0, 2]) {
      bucket.putInvocation(
        `object-${index}`,
        agents.flatMap((agent) => versions(agent, 4, 1).slice(index, index + 1)),
      );
    }
    for (const agent of agents) {
      await deadLetter(
        anOutboxRecord({ agent, after: anImage({ version: { N: "6" } }), sequence: "9" }),
        changed(agent, 6),
      );
    }

    const report = await run({ maxBytes: 20_000 });

    for (const agent of agents) {
      const sent = bus.ids().filter((id) => id.startsWith(`${agent}/`));
      expect(sent).toEqual([2, 3, 4, 5, 6].map((version) => short(agent, version)));
    }
    expect(report.removed).toEqual({ messages: 12, objects: 4 });
    expect(report.remaining).toEqual([]);
  });
});

describe("an event that cannot be published", () => {
  it("because its record cannot be parsed remains, with the name of the invalid attribute", async () => {
    const { epoch: _epoch, ...broken } = anImage();
    await deadLetter(anOutboxRecord({ after: broken }), undefined, "UnreadableRecord");

    const report = await run();

    expect(report.remaining).toMatchObject([
      {
        place: "dead-letter-queue",
        code: "UnreadableRecord",
        message: "epoch must be a safe integer",
      },
    ]);
    expect(queue.visible()).toBe(1);
  });

  it("because the record has no such event remains", async () => {
    await deadLetter(anOutboxRecord(), "11010177632/787096/1795486584641/1/AgentPromoted");

    expect((await run()).remaining).toMatchObject([{ code: "NoSuchEvent" }]);
    expect(bus.ids()).toEqual([]);
    expect(queue.visible()).toBe(1);
  });

  it.each([
    ["not JSON", "{", "expected object"],
    [
      "without a record",
      { cause: { code: "X", message: "" } },
      "must be a record of the table's stream",
    ],
    ["without a cause", { record: anOutboxRecord() }, "at cause"],
    [
      "of a record without keys",
      { cause: { code: "X", message: "" }, record: { dynamodb: {} } },
      "must be a record of the table's stream",
    ],
  ])(
    "in the queue, because the message is %s, remains and does not block others",
    async (_, body, why) => {
      const id = queue.put(body);
      await deadLetterVersions("a", 1);

      const report = await run();

      expect(bus.ids()).toEqual([short("a", 2)]);
      expect(report.remaining).toEqual([
        {
          place: "dead-letter-queue",
          id,
          code: "Unrecognized",
          message: expect.stringContaining(why) as unknown,
          expiresAt: "2026-12-09T08:00:00.000Z",
        },
      ]);
      expect([...queue.messages.keys()]).toEqual([id]);
    },
  );

  it.each([
    ["not JSON", "{"],
    ["without a payload", { requestContext: {} }],
    ["with a payload of other content", { payload: JSON.stringify({ Records: [{}] }) }],
  ])(
    "in the on-failure destination, because the object is %s, remains and does not block others",
    async (_, body) => {
      bucket.put("aws/lambda/unrecognized", body);
      bucket.putInvocation("one", versions("a", 1, 1));

      const report = await run();

      expect(bus.ids()).toEqual([short("a", 2)]);
      expect(report.remaining).toMatchObject([
        { place: "on-failure-destination", id: "aws/lambda/unrecognized", code: "Unrecognized" },
      ]);
      expect([...bucket.objects.keys()]).toEqual(["aws/lambda/unrecognized"]);
    },
  );

  it("because the bus rejects everything is not attempted forever", async () => {
    await deadLetterVersions("a", 2);
    bucket.putInvocation("one", versions("b", 1, 1));
    bus.codeFor = () => "AccessDeniedException";

    const report = await run();

    expect(reasons(report)).toEqual([
      { place: "dead-letter-queue", availabilityId: "a", version: 3, code: "Blocked" },
      {
        place: "dead-letter-queue",
        availabilityId: "a",
        version: 2,
        code: "AccessDeniedException",
      },
      {
        place: "on-failure-destination",
        availabilityId: "b",
        version: 2,
        code: "AccessDeniedException",
      },
    ]);
    expect([queue.visible(), bucket.objects.size]).toEqual([2, 1]);
    expect(pauses).toEqual([100, 1000, 100, 2000, 100, 4000, 100, 8000]);
  });

  it("differs from one that was published but not removed", async () => {
    await deadLetterVersions("a", 1);
    bus.codeFor = () => {
      for (const message of queue.messages.values()) message.handle = "another run's";
      return undefined;
    };

    const report = await run();

    expect(report.published).toBe(1);
    expect(report.remaining).toMatchObject([
      { code: "NotRemoved", message: "ReceiptHandleIsInvalid" },
    ]);
  });
});

describe("a record with two messages", () => {
  it("loses the message of its published event at once, and keeps the other one", async () => {
    for (const type of ["AgentAvailabilityChanged", "AgentStatusChanged"]) {
      await deadLetter(anOutboxRecord(), `11010177632/787096/1795486584641/1/${type}`);
    }
    bus.codeFor = (id) => (id.endsWith("/AgentStatusChanged") ? "InternalFailure" : undefined);

    const report = await run();

    expect(report).toMatchObject({ published: 1, removed: { messages: 1 } });
    expect(reasons(report)).toEqual([
      {
        place: "dead-letter-queue",
        availabilityId: "787096",
        version: 1,
        code: "InternalFailure",
      },
    ]);
    expect(queue.visible()).toBe(1);
  });
});

describe("an interruption", () => {
  it("reports messages that were not attempted as pending, even if objects would be read in parts", async () => {
    await deadLetterVersions("a", 3);
    bucket.putInvocation("one", versions("b", 1, 1));
    const interruption = new AbortController();
    bucket.s3.on(ListObjectsV2Command).callsFake(() => {
      interruption.abort();
      return { Contents: [{ Key: "aws/lambda/uuid/shard/one", Size: 1000 }] };
    });

    const report = await run({ signal: interruption.signal, maxBytes: 100 });

    expect(report).toMatchObject({ published: 0, interrupted: true });
    expect(reasons(report).map(({ code }) => code)).toEqual(["Pending", "Pending", "Pending"]);
    expect([queue.visible(), bucket.objects.size]).toEqual([3, 1]);
  });

  it("leaves unpublished events where the next run finds them at once", async () => {
    await deadLetterVersions("a", 150);
    bucket.putInvocation("one", versions("b", 1, 1));
    const interruption = new AbortController();
    let responses = 0;
    bus.codeFor = () => {
      responses += 1;
      if (responses === 40) interruption.abort();
      return undefined;
    };

    const report = await run({ signal: interruption.signal });

    const published = bus.ids().length;
    expect(published).toBeLessThan(60);
    expect(report.interrupted).toBe(true);
    expect(new Set(reasons(report).map(({ code }) => code))).toEqual(new Set(["Pending"]));
    expect(queue.messages.size).toBe(151 - published);
    expect(queue.visible()).toBe(queue.messages.size);

    bus.codeFor = () => undefined;
    await run();
    expect([queue.messages.size, bucket.objects.size]).toEqual([0, 0]);
    expect(bus.ids().filter((id) => id.startsWith("a/"))).toEqual(
      Array.from({ length: 150 }, (_, index) => short("a", index + 2)),
    );
  });

  it("by a failing service releases the messages too", async () => {
    await deadLetterVersions("a", 3);
    queue.sqs.on(DeleteMessageBatchCommand).rejects(new Error("queue away"));

    await expect(run()).rejects.toThrow("queue away");

    expect(queue.visible()).toBe(3);
  });
});

it("extends the visibility timeout of its messages if it runs longer", async () => {
  await deadLetterVersions("a", 150);
  const start = Date.now();
  let now = start;
  jest.spyOn(Date, "now").mockImplementation(() => now);
  bus.codeFor = () => {
    now += 3000;
    return undefined;
  };

  const report = await run();

  expect(now - start).toBe(450_000);
  const extended = queue.sqs
    .commandCalls(ChangeMessageVisibilityBatchCommand)
    .flatMap((call) => call.args[0].input.Entries ?? []);
  expect(new Set(extended.map(({ VisibilityTimeout: seconds }) => seconds))).toEqual(
    new Set([300]),
  );
  expect(report.removed.messages).toBe(150);
  expect(new Set(bus.ids()).size).toBe(150);
});

it("shares the work with a parallel run, and nothing remains", async () => {
  for (const agent of ["a", "b", "c", "d"]) {
    await deadLetterVersions(agent, 10);
    bucket.putInvocation(agent, versions(`${agent}-failed`, 10, 1));
  }

  await Promise.all([run(), run()]);

  expect([queue.messages.size, bucket.objects.size]).toEqual([0, 0]);
  expect(new Set(bus.ids()).size).toBe(80);
});

it("finds nothing if nothing was dead-lettered", async () => {
  expect(await run()).toEqual({
    found: { messages: 0, objects: 0 },
    published: 0,
    removed: { messages: 0, objects: 0 },
    remaining: [],
    interrupted: false,
  });
});
