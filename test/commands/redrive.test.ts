import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { DynamoDBRecord } from "aws-lambda";

import { createFailedBucket } from "../../commands/redrive/failed-bucket.ts";
import { redrive, type Report } from "../../commands/redrive/redrive.ts";
import { createRepublish } from "../../commands/redrive/republish.ts";
import { createSetAsideQueue } from "../../commands/redrive/set-aside-queue.ts";
import { createEventBus } from "../../functions/bus/event-bus.ts";
import { createSetAside } from "../../functions/publisher/set-aside.ts";
import { anImage, anOutboxRecord, versions } from "../../tools/fakes/outbox-record.ts";
import { aBucketInMemory, aBusInMemory, aQueueInMemory } from "./set-aside-in-memory.ts";

let bus: ReturnType<typeof aBusInMemory>;
let queue: ReturnType<typeof aQueueInMemory>;
let bucket: ReturnType<typeof aBucketInMemory>;
let pauses: number[];

interface Options {
  readonly personalData?: boolean;
  readonly signal?: AbortSignal;
  readonly mostBytes?: number;
}

async function run(options: Options = {}): Promise<Report> {
  const { personalData = false, signal = new AbortController().signal, mostBytes } = options;
  return await redrive({
    queue: createSetAsideQueue(new SQSClient(), "https://sqs/dead-letters"),
    bucket: createFailedBucket(new S3Client(), "failed"),
    republishing: createRepublish({
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
    tell: { found: () => undefined, published: () => undefined },
    ...(mostBytes !== undefined && { mostBytes }),
  });
}

/** Puts a record aside as the publisher does. */
async function setAside(record: DynamoDBRecord, eventId?: string, code = "MalformedDetail") {
  const put = createSetAside(
    (body) => {
      queue.put(body);
      return Promise.resolve();
    },
    { personalData: false },
  );
  await put(record, { code, message: "no", ...(eventId !== undefined && { eventId }) });
}

const changed = (agent: string, version: number) =>
  `11010177632/${agent}/1795486584641/${version}/AgentAvailabilityChanged`;
const short = (agent: string, version: number) =>
  `${agent}/1795486584641/${version}/AgentAvailabilityChanged`;

/** `versions`, of which the first is version 2, set aside each for its one event. */
async function setAsideVersions(agent: string, count: number): Promise<void> {
  for (const [index, record] of versions(agent, count, 1).entries()) {
    await setAside(record, changed(agent, index + 2));
  }
}

const reasons = ({ left }: Report) =>
  left.map(({ place, availabilityId, version, code }) => ({
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

describe("what lies in the queue", () => {
  it("is published under the same id, only the event that was refused, and removed", async () => {
    await setAside(anOutboxRecord(), "11010177632/787096/1795486584641/1/AgentStatusChanged");

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
      left: [],
      interrupted: false,
    });
  });

  it("of a record that could not be read, and can be now, is published with all of its events", async () => {
    await setAside(anOutboxRecord(), undefined, "UnreadableRecord");

    await run();

    expect(bus.ids().map((id) => id.split("/")[3])).toEqual([
      "AgentAvailabilityChanged",
      "AgentStatusChanged",
      "AgentChannelAvailabilityChanged",
    ]);
    expect(queue.messages.size).toBe(0);
  });

  it("twice is published once, and both are removed", async () => {
    await setAside(anOutboxRecord(), changed("787096", 1));
    await setAside(anOutboxRecord(), changed("787096", 1));

    const report = await run();

    expect(bus.ids()).toEqual([short("787096", 1)]);
    expect(report.removed.messages).toBe(2);
    expect(queue.messages.size).toBe(0);
  });

  it("without names stays without them, even on a stage that publishes them now", async () => {
    await setAside(anOutboxRecord(), changed("787096", 1));

    await run({ personalData: true });

    expect(JSON.stringify(bus.details())).not.toMatch(/Rachel|rachel@|Minerva/);
    expect(bus.details()).toMatchObject([{ agent: { availabilityId: "787096" } }]);
  });

  it.each([
    ["changed", { name: { S: "Rachel Green" } }, ["profile"]],
    ["stayed as it was", {}, []],
  ])("without names tells still whether the profile %s", async (_, but, groups) => {
    const [before, after] = [anImage(), anImage({ version: { N: "2" }, ...but })];
    await setAside(anOutboxRecord({ before, after }), changed("787096", 2));

    await run();

    expect(bus.details()).toMatchObject([{ changed: groups }]);
  });

  it("is taken to the last message, however many calls that needs", async () => {
    await setAsideVersions("a", 37);

    const report = await run();

    expect(report.found.messages).toBe(37);
    expect(queue.messages.size).toBe(0);
  });
});

describe("what lies in the bucket", () => {
  it("is published with all of its events, names where the stage publishes them, and removed", async () => {
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

  it("is found on every page of its list; what Lambda did not put there is not looked at", async () => {
    for (const key of ["1", "2", "3", "4", "5"]) {
      bucket.putInvocation(key, versions(key, 1, 1));
    }
    bucket.put("notes.txt", "somebody's");

    const report = await run();

    expect(report.removed.objects).toBe(5);
    expect([...bucket.objects.keys()]).toEqual(["notes.txt"]);
    expect(report.left).toEqual([]);
  });

  it("is kept with what is not through, and with nothing else", async () => {
    const left = versions("a", 1, 1);
    bucket.putInvocation("one", [...left, ...versions("b", 1, 2)]);
    bus.answer = (id) => (id.startsWith("a/") ? "InternalFailure" : undefined);

    const report = await run();

    expect(bucket.recordsIn("one")).toEqual(JSON.parse(JSON.stringify(left)));
    expect(JSON.parse(bucket.objects.get("aws/lambda/uuid/shard/one")?.body ?? "")).toMatchObject({
      requestContext: { condition: "MaxRecordAgeExceeded" },
      version: "1.0",
    });
    expect(report.removed.objects).toBe(0);
    expect(report.left).toEqual([
      {
        place: "bucket",
        id: "aws/lambda/uuid/shard/one",
        accountId: "11010177632",
        availabilityId: "a",
        epoch: 1795486584641,
        version: 2,
        eventId: changed("a", 2),
        code: "InternalFailure",
        message: "no: InternalFailure",
        keptUntil: "2026-12-09T00:00:00.000Z",
      },
    ]);

    bus.answer = () => undefined;
    expect((await run()).removed.objects).toBe(1);
    expect(bus.ids()).toEqual([short("b", 2), short("a", 2)]);
  });

  it("is written and removed only if it is what was read: another run may have been faster", async () => {
    bucket.putInvocation("one", versions("a", 1, 1));

    await run();

    const [removal] = bucket.s3.commandCalls(DeleteObjectCommand);
    expect(removal?.args[0].input).toMatchObject({ IfMatch: '"1"' });
    expect(bucket.s3.commandCalls(PutObjectCommand)).toEqual([]);
  });

  it("and was changed meanwhile is left as it is now", async () => {
    bucket.putInvocation("one", versions("a", 1, 1));
    const later = versions("b", 1, 2);
    bus.answer = () => {
      bucket.putInvocation("one", later);
      return undefined;
    };

    const report = await run();

    expect(bucket.recordsIn("one")).toEqual(JSON.parse(JSON.stringify(later)));
    expect(report.removed.objects).toBe(0);
  });
});

describe("an agent's versions", () => {
  it("go out in their order, wherever they lie and however they come", async () => {
    const [second, third, fourth, fifth] = versions("a", 4, 1);
    await setAside(fourth as DynamoDBRecord, changed("a", 4));
    bucket.putInvocation("x", [fifth as DynamoDBRecord]);
    bucket.putInvocation("y", [third as DynamoDBRecord]);
    await setAside(second as DynamoDBRecord, changed("a", 2));

    await run();

    expect(bus.ids()).toEqual([2, 3, 4, 5].map((version) => short("a", version)));
  });

  it("go out in their order also across epochs, a deletion between its last version and the next epoch", async () => {
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

  it("wait behind one that is refused for now, in later batches too, while other agents go on", async () => {
    await setAsideVersions("a", 120);
    await setAsideVersions("b", 120);
    bus.answer = (id) => (id.startsWith("a/1795486584641/50/") ? "ThrottlingException" : undefined);

    const report = await run();

    const sentOf = (agent: string) => bus.ids().filter((id) => id.startsWith(`${agent}/`));
    expect(sentOf("a")).toEqual(Array.from({ length: 48 }, (_, index) => short("a", index + 2)));
    expect(sentOf("b")).toEqual(Array.from({ length: 120 }, (_, index) => short("b", index + 2)));
    expect(queue.messages.size).toBe(72);
    const left = reasons(report).toSorted(
      (one, other) => (one.version ?? 0) - (other.version ?? 0),
    );
    expect(left[0]).toEqual({
      place: "queue",
      availabilityId: "a",
      version: 50,
      code: "ThrottlingException",
    });
    expect(new Set(left.slice(1).map(({ code }) => code))).toEqual(new Set(["Waits"]));
    expect(queue.visible()).toBe(72);
  });

  it("are tried again, after growing pauses, while the bus is only busy", async () => {
    await setAsideVersions("a", 3);
    let refusals = 5;
    bus.answer = () => (refusals-- > 0 ? "ThrottlingException" : undefined);

    const report = await run();

    expect(bus.ids()).toEqual([2, 3, 4].map((version) => short("a", version)));
    expect(report.left).toEqual([]);
    expect(pauses).toEqual([100, 1000, 100, 2000, 100]);
  });

  it("go on past one that is refused for good, as they did when it was set aside", async () => {
    await setAsideVersions("a", 3);
    bus.answer = (id) => (id === short("a", 3) ? "InvalidArgument" : undefined);

    const report = await run();

    expect(bus.ids()).toEqual([short("a", 2), short("a", 4)]);
    expect(reasons(report)).toEqual([
      { place: "queue", availabilityId: "a", version: 3, code: "InvalidArgument" },
    ]);
    expect(report.left[0]).toMatchObject({
      message: "no: InvalidArgument",
      eventId: changed("a", 3),
      keptUntil: "2026-12-09T08:00:00.000Z",
    });
    expect(queue.visible()).toBe(1);
  });

  it("that lie whole in the bucket and in part in the queue are sent once, and leave both", async () => {
    const record = anOutboxRecord();
    await setAside(record, "11010177632/787096/1795486584641/1/AgentStatusChanged");
    bucket.putInvocation("one", [record]);

    await run({ personalData: true });

    expect(bus.ids()).toHaveLength(3);
    expect(bus.details()[0]).toMatchObject({ agent: { name: "Rachel" } });
    expect([queue.messages.size, bucket.objects.size]).toEqual([0, 0]);
  });

  it("keep their order when the bucket holds more than fits at once", async () => {
    const agents = Array.from({ length: 12 }, (_, index) => `agent-${index}`);
    for (const index of [3, 1, 0, 2]) {
      bucket.putInvocation(
        `object-${index}`,
        agents.flatMap((agent) => versions(agent, 4, 1).slice(index, index + 1)),
      );
    }
    for (const agent of agents) {
      await setAside(
        anOutboxRecord({ agent, after: anImage({ version: { N: "6" } }), sequence: "9" }),
        changed(agent, 6),
      );
    }

    const report = await run({ mostBytes: 20_000 });

    for (const agent of agents) {
      const sent = bus.ids().filter((id) => id.startsWith(`${agent}/`));
      expect(sent).toEqual([2, 3, 4, 5, 6].map((version) => short(agent, version)));
    }
    expect(report.removed).toEqual({ messages: 12, objects: 4 });
    expect(report.left).toEqual([]);
  });
});

describe("what cannot be published", () => {
  it("because its record cannot be read stays, with the attribute that is wrong", async () => {
    const { epoch: _epoch, ...broken } = anImage();
    await setAside(anOutboxRecord({ after: broken }), undefined, "UnreadableRecord");

    const report = await run();

    expect(report.left).toMatchObject([
      { place: "queue", code: "UnreadableRecord", message: "epoch is not a safe integer" },
    ]);
    expect(queue.visible()).toBe(1);
  });

  it("because no such event is made of the record stays, and says so", async () => {
    await setAside(anOutboxRecord(), "11010177632/787096/1795486584641/1/AgentPromoted");

    expect((await run()).left).toMatchObject([{ code: "NotMade" }]);
    expect(bus.ids()).toEqual([]);
    expect(queue.visible()).toBe(1);
  });

  it.each([
    ["no JSON", "{", "expected object"],
    ["without a record", { cause: { code: "X", message: "" } }, "no record of the table's stream"],
    ["without a cause", { record: anOutboxRecord() }, "at cause"],
    [
      "of a record without keys",
      { cause: { code: "X", message: "" }, record: { dynamodb: {} } },
      "no record of the table's stream",
    ],
  ])(
    "in the queue, since it is %s, stays and does not hold up the others",
    async (_, body, why) => {
      const id = queue.put(body);
      await setAsideVersions("a", 1);

      const report = await run();

      expect(bus.ids()).toEqual([short("a", 2)]);
      expect(report.left).toEqual([
        {
          place: "queue",
          id,
          code: "Unintelligible",
          message: expect.stringContaining(why) as unknown,
          keptUntil: "2026-12-09T08:00:00.000Z",
        },
      ]);
      expect([...queue.messages.keys()]).toEqual([id]);
    },
  );

  it.each([
    ["no JSON", "{"],
    ["without a payload", { requestContext: {} }],
    ["with a payload of something else", { payload: JSON.stringify({ Records: [{}] }) }],
  ])("in the bucket, since it is %s, stays and does not hold up the others", async (_, body) => {
    bucket.put("aws/lambda/strange", body);
    bucket.putInvocation("one", versions("a", 1, 1));

    const report = await run();

    expect(bus.ids()).toEqual([short("a", 2)]);
    expect(report.left).toMatchObject([
      { place: "bucket", id: "aws/lambda/strange", code: "Unintelligible" },
    ]);
    expect([...bucket.objects.keys()]).toEqual(["aws/lambda/strange"]);
  });

  it("since nothing gets through is not tried for ever, and all of it stays", async () => {
    await setAsideVersions("a", 2);
    bucket.putInvocation("one", versions("b", 1, 1));
    bus.answer = () => "AccessDeniedException";

    const report = await run();

    expect(reasons(report)).toEqual([
      { place: "queue", availabilityId: "a", version: 3, code: "Waits" },
      { place: "queue", availabilityId: "a", version: 2, code: "AccessDeniedException" },
      { place: "bucket", availabilityId: "b", version: 2, code: "AccessDeniedException" },
    ]);
    expect([queue.visible(), bucket.objects.size]).toEqual([2, 1]);
    expect(pauses).toEqual([100, 1000, 100, 2000, 100, 4000, 100, 8000]);
  });

  it("and what was published but not removed are told apart", async () => {
    await setAsideVersions("a", 1);
    bus.answer = () => {
      for (const message of queue.messages.values()) message.handle = "somebody else's";
      return undefined;
    };

    const report = await run();

    expect(report.published).toBe(1);
    expect(report.left).toMatchObject([{ code: "NotRemoved", message: "ReceiptHandleIsInvalid" }]);
  });
});

describe("an interruption", () => {
  it("leaves where it was what is not on the bus, to be found by the next run at once", async () => {
    await setAsideVersions("a", 150);
    bucket.putInvocation("one", versions("b", 1, 1));
    const interruption = new AbortController();
    let answers = 0;
    bus.answer = () => {
      answers += 1;
      if (answers === 40) interruption.abort();
      return undefined;
    };

    const report = await run({ signal: interruption.signal });

    const published = bus.ids().length;
    expect(published).toBeLessThan(60);
    expect(report.interrupted).toBe(true);
    expect(queue.messages.size).toBe(151 - published);
    expect(queue.visible()).toBe(queue.messages.size);

    bus.answer = () => undefined;
    await run();
    expect([queue.messages.size, bucket.objects.size]).toEqual([0, 0]);
    expect(bus.ids().filter((id) => id.startsWith("a/"))).toEqual(
      Array.from({ length: 150 }, (_, index) => short("a", index + 2)),
    );
  });

  it("by a failing service lets go of what is held too", async () => {
    await setAsideVersions("a", 3);
    queue.sqs.on(DeleteMessageBatchCommand).rejects(new Error("queue away"));

    await expect(run()).rejects.toThrow("queue away");

    expect(queue.visible()).toBe(3);
  });
});

it("holds on to its messages while it works longer than they are hidden", async () => {
  await setAsideVersions("a", 150);
  const start = Date.now();
  let now = start;
  jest.spyOn(Date, "now").mockImplementation(() => now);
  bus.answer = () => {
    now += 3000;
    return undefined;
  };

  const report = await run();

  expect(now - start).toBe(450_000);
  const held = queue.sqs
    .commandCalls(ChangeMessageVisibilityBatchCommand)
    .flatMap((call) => call.args[0].input.Entries ?? []);
  expect(new Set(held.map(({ VisibilityTimeout: seconds }) => seconds))).toEqual(new Set([300]));
  expect(report.removed.messages).toBe(150);
  expect(new Set(bus.ids()).size).toBe(150);
});

it("shares the work with another run side by side, and both places end empty", async () => {
  for (const agent of ["a", "b", "c", "d"]) {
    await setAsideVersions(agent, 10);
    bucket.putInvocation(agent, versions(`${agent}-failed`, 10, 1));
  }

  await Promise.all([run(), run()]);

  expect([queue.messages.size, bucket.objects.size]).toEqual([0, 0]);
  expect(new Set(bus.ids()).size).toBe(80);
});

it("finds nothing where nothing is set aside", async () => {
  expect(await run()).toEqual({
    found: { messages: 0, objects: 0 },
    published: 0,
    removed: { messages: 0, objects: 0 },
    left: [],
    interrupted: false,
  });
});
