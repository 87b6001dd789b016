import {
  EventBridgeClient,
  EventBridgeServiceException,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from "@aws-sdk/client-eventbridge";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { DynamoDBRecord } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import { createEventBus } from "../../functions/bus/event-bus.ts";
import { createDeadLetter } from "../../functions/publisher/dead-letter.ts";
import { createPublish, type PublishDependencies } from "../../functions/publisher/publish.ts";
import { anImage, anOutboxRecord } from "../../tools/fakes/outbox-record.ts";
import { versions } from "../builders/versions.ts";

const bus = mockClient(EventBridgeClient);
const { signal: neverAborted } = new AbortController();

let bodies: string[];
let codeFor: (id: string) => string | undefined;
let pauses: number[];

const idIn = ({ Detail = "" }: PutEventsRequestEntry) =>
  (JSON.parse(Detail) as { metadata: { id: string } }).metadata.id;
const sent = () =>
  bus
    .commandCalls(PutEventsCommand)
    .flatMap(({ args }) => args[0].input.Entries ?? [])
    .map(idIn);
const sentOf = (agent: string) => sent().filter((id) => id.split("/")[1] === agent);
const deadLetters = () =>
  bodies.map((body) => (JSON.parse(body) as { cause: { eventId: string } }).cause.eventId);
const old = (agent: string, sequence: string) =>
  anOutboxRecord({ agent, sequence, ageSeconds: 3600 });

/** Returns a function that publishes records, and returns the kind of each outcome by sequence number. */
function aPublish(overrides: Partial<PublishDependencies> = {}) {
  const publish = createPublish({
    bus: createEventBus(new EventBridgeClient()),
    busName: "a-bus",
    deadLetter: createDeadLetter(async (body) => await Promise.resolve(void bodies.push(body)), {
      personalData: false,
    }),
    personalData: false,
    pause: async (milliseconds) => await Promise.resolve(void pauses.push(milliseconds)),
    ...overrides,
  });
  return async (records: readonly DynamoDBRecord[], signal = neverAborted) => {
    const outcomes = await publish(
      records.map((record) => ({ record })),
      signal,
    );
    return Object.fromEntries(
      outcomes.map(({ request, kind }) => [request.record.dynamodb?.SequenceNumber ?? "", kind]),
    );
  };
}

/** Publishes requests, and returns the outcomes. */
const publishRequests = async (
  requests: Parameters<ReturnType<typeof createPublish>>[0],
  overrides: Partial<PublishDependencies> = {},
) =>
  await createPublish({
    bus: createEventBus(new EventBridgeClient()),
    busName: "a-bus",
    personalData: false,
    pause: () => Promise.resolve(),
    ...overrides,
  })(requests, neverAborted);

beforeEach(() => {
  bodies = [];
  pauses = [];
  codeFor = () => undefined;
  bus.reset();
  bus.on(PutEventsCommand).callsFake(({ Entries = [] }: { Entries?: PutEventsRequestEntry[] }) => ({
    Entries: Entries.map((entry): PutEventsResultEntry => {
      const code = codeFor(idIn(entry));
      return code === undefined
        ? { EventId: "e" }
        : { ErrorCode: code, ErrorMessage: `no: ${code}` };
    }),
  }));
});

afterEach(() => {
  jest.restoreAllMocks();
});

const reject =
  (...agents: string[]) =>
  (id: string) =>
    agents.includes(id.split("/")[1] ?? "") ? "SomethingNew" : undefined;

const eventId = (type: string) => `11010177632/787096/1795486584641/1/${type}`;

describe("the outcome of a record", () => {
  it("is published with the entries that the bus accepted", async () => {
    const [outcome] = await publishRequests([{ record: anOutboxRecord() }]);

    expect(outcome).toMatchObject({ kind: "published", deadLettered: [], rejected: [] });
    expect(outcome?.accepted.map(({ id }) => id)).toEqual([
      eventId("AgentAvailabilityChanged"),
      eventId("AgentStatusChanged"),
      eventId("AgentChannelAvailabilityChanged/freshchat"),
    ]);
  });

  it("is published without entries if the record has no events", async () => {
    const tombstone = anImage({
      removedAt: { S: "2026-11-24T09:00:00.000Z" },
      removedBecause: { S: "forgotten" },
      expiresAt: { N: "1" },
    });
    const record = anOutboxRecord({ before: tombstone, after: undefined });

    expect(await publishRequests([{ record }])).toMatchObject([
      { kind: "published", accepted: [] },
    ]);
  });

  it("is failed with each entry's last rejection, and blocked for the agent's later records", async () => {
    let attempts = 0;
    codeFor = (id) => (id.startsWith("11010177632/a/") ? `Code${(attempts += 1)}` : undefined);
    const requests = versions("a", 3, 1).map((record) => ({ record }));

    const outcomes = await publishRequests(requests);

    expect(outcomes).toEqual([
      {
        request: requests[0],
        kind: "failed",
        accepted: [],
        deadLettered: [],
        rejected: [
          {
            code: "Code2",
            message: "no: Code2",
            eventId: "11010177632/a/1795486584641/2/AgentAvailabilityChanged",
          },
        ],
      },
      ...requests.slice(1).map((request) => ({
        request,
        kind: "blocked",
        accepted: [],
        deadLettered: [],
        rejected: [],
      })),
    ]);
  });

  it("is failed, with the accepted entries, if only some were accepted", async () => {
    codeFor = (id) => (id.endsWith("/AgentStatusChanged") ? "InternalFailure" : undefined);

    const [outcome] = await publishRequests([{ record: anOutboxRecord() }]);

    expect(outcome).toMatchObject({
      kind: "failed",
      rejected: [{ code: "InternalFailure", eventId: eventId("AgentStatusChanged") }],
    });
    expect(outcome?.accepted).toHaveLength(2);
  });

  it("is dead-lettered with the causes", async () => {
    codeFor = (id) => (id.endsWith("/AgentStatusChanged") ? "MalformedDetail" : undefined);
    const cause = {
      code: "MalformedDetail",
      message: "no: MalformedDetail",
      eventId: eventId("AgentStatusChanged"),
    };

    const [outcome] = await publishRequests([{ record: anOutboxRecord() }]);

    expect(outcome).toMatchObject({ kind: "dead-lettered", deadLettered: [cause], rejected: [] });
    expect(outcome?.accepted).toHaveLength(2);
  });

  it("is blocked for every record if the time runs out before the first attempt", async () => {
    const { epoch: _epoch, ...broken } = anImage();
    const records = [
      ...versions("a", 1, 1),
      anOutboxRecord({ agent: "b", after: broken, sequence: "2" }),
    ];

    expect(await aPublish()(records, AbortSignal.abort())).toEqual({ 1: "blocked", 2: "blocked" });
    expect([sent(), bodies]).toEqual([[], []]);
  });

  it("is returned for each record, in the order of the records", async () => {
    codeFor = reject("b");
    const records = [...versions("b", 1, 1), ...versions("a", 2, 2), ...versions("b", 1, 4)];

    const outcomes = await publishRequests(records.map((record) => ({ record })));

    expect(outcomes.map(({ request }) => request.record)).toEqual(records);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      "failed",
      "published",
      "published",
      "blocked",
    ]);
  });

  it("does not exist without records", async () => {
    expect(await publishRequests([])).toEqual([]);
    expect(sent()).toEqual([]);
  });

  it("does not hide a bug in the hub", async () => {
    const shouldPublish = () => {
      throw new Error("a defect");
    };

    await expect(publishRequests([{ record: anOutboxRecord(), shouldPublish }])).rejects.toThrow(
      "a defect",
    );
    expect(sent()).toEqual([]);
  });
});

it("publishes names and email addresses only if the stage enables it", async () => {
  const textOf = async (personalData: boolean) => {
    bus.resetHistory();
    await aPublish({ personalData })([anOutboxRecord()]);
    return JSON.stringify(bus.commandCalls(PutEventsCommand).map(({ args }) => args[0].input));
  };

  expect(await textOf(true)).toMatch(/Rachel.*rachel@acme\.com/);
  expect(await textOf(false)).not.toMatch(/Rachel|rachel@/);
});

it("does not pause if everything is accepted", async () => {
  await aPublish()(versions("a", 1, 1));

  expect(sent()).toHaveLength(1);
  expect(pauses).toEqual([]);
});

it("retries a record if the dead-letter queue rejects its second cause, and dead-letters it the next time", async () => {
  codeFor = (id) =>
    id.endsWith("/AgentAvailabilityChanged") || id.endsWith("/AgentStatusChanged")
      ? "MalformedDetail"
      : undefined;
  let isDown = true;
  const publish = aPublish({
    deadLetter: createDeadLetter(
      async (body) => {
        if (isDown && bodies.length === 1) {
          throw new Error("queue unavailable");
        }
        await Promise.resolve(void bodies.push(body));
      },
      { personalData: false },
    ),
  });

  const first = await publish([anOutboxRecord()]);
  isDown = false;
  const second = await publish([anOutboxRecord()]);

  expect([first, second]).toEqual([{ 1: "failed" }, { 1: "dead-lettered" }]);
  expect(new Set(deadLetters().map((id) => id.split("/")[4]))).toEqual(
    new Set(["AgentAvailabilityChanged", "AgentStatusChanged"]),
  );
});

it("reports in the outcome which cause the dead-letter queue accepted, and why it rejected another", async () => {
  codeFor = (id) => (id.includes("/AgentChannel") ? undefined : "MalformedDetail");
  let messages = 0;
  const deadLetter = createDeadLetter(
    async () =>
      (messages += 1) > 1
        ? await Promise.reject(new TypeError("queue unavailable"))
        : await Promise.resolve(),
    { personalData: false },
  );

  const [outcome] = await publishRequests([{ record: anOutboxRecord() }], { deadLetter });

  expect(outcome).toMatchObject({
    kind: "failed",
    deadLettered: [{ eventId: eventId("AgentAvailabilityChanged") }],
    rejected: [
      {
        code: "DeadLetterQueue:TypeError",
        message: "queue unavailable",
        eventId: eventId("AgentStatusChanged"),
      },
    ],
  });
});

describe("a request", () => {
  it("can limit the events of its record", async () => {
    const shouldPublish = (id: string) => id.endsWith("/AgentStatusChanged");

    const [outcome] = await publishRequests([{ record: anOutboxRecord(), shouldPublish }]);

    expect(outcome?.kind).toBe("published");
    expect(sent()).toEqual([eventId("AgentStatusChanged")]);
  });

  it.each([
    [true, ["profile"]],
    [false, []],
  ])(
    "whose record lacks names reports a changed profile only if the profile changed: %s",
    async (profileChanged, changed) => {
      const record = anOutboxRecord({ before: anImage(), after: anImage({ version: { N: "2" } }) });

      await publishRequests([{ record, profileChanged }]);

      const [{ args } = { args: undefined }] = bus.commandCalls(PutEventsCommand);
      const [{ Detail = "{}" } = {}] = args?.[0].input.Entries ?? [];
      expect(JSON.parse(Detail)).toMatchObject({ changed });
    },
  );
});

it("dead-letters a rejected entry after the configured age", async () => {
  codeFor = reject("a");
  const records = [anOutboxRecord({ agent: "a", ageSeconds: 10 }), ...versions("b", 1, 2)];

  expect(await aPublish({ deadLetterAfterMs: 5000 })(records)).toEqual({
    1: "dead-lettered",
    2: "published",
  });
  expect(deadLetters()).toHaveLength(3);
});

describe("a rejected entry of an old record", () => {
  it("is retried if the bus has never accepted anything", async () => {
    codeFor = reject("a");

    expect(await aPublish()([old("a", "1")])).toEqual({ 1: "failed" });
    expect(deadLetters()).toEqual([]);
    expect(sentOf("a")).toHaveLength(4 * 3);
  });

  it("is attempted four times with growing pauses, and once more after another entry was accepted", async () => {
    codeFor = reject("a");

    await aPublish()([old("a", "1"), ...versions("b", 1, 2)]);

    expect(sentOf("a")).toHaveLength(5 * 3);
    expect(deadLetters()).toHaveLength(3);
    expect(sent().map((id) => id.split("/")[1])).toEqual([
      ..."aaab".split(""),
      ..."aaa".repeat(3).split(""),
      "b",
      ..."aaa".split(""),
    ]);
    expect(pauses).toEqual([100, 200, 400]);
  });

  it.each([
    [900, "failed", 0],
    [901, "dead-lettered", 3],
  ])(
    "is dead-lettered only if the record is over 15 minutes old (%d seconds)",
    async (ageSeconds, kind, deadLettered) => {
      jest.spyOn(Date, "now").mockReturnValue(1_795_507_200_000);
      codeFor = reject("a");
      const record = anOutboxRecord({ agent: "a", sequence: "1", ageSeconds });

      const kinds = await aPublish()([record, ...versions("b", 1, 2)]);

      expect(kinds).toEqual({ 1: kind, 2: "published" });
      expect(deadLetters()).toHaveLength(deadLettered);
    },
  );

  /** Makes the bus reject each call that contains an entry of an agent as a whole. */
  function rejectCallsOf(agent: string, onRejection: () => void = () => undefined) {
    bus
      .on(PutEventsCommand)
      .callsFake(({ Entries = [] }: { Entries?: PutEventsRequestEntry[] }) => {
        if (Entries.some((entry) => idIn(entry).split("/")[1] === agent)) {
          onRejection();
          throw new EventBridgeServiceException({
            name: "ValidationException",
            $fault: "client",
            message: "one of them is bad",
            $metadata: {},
          });
        }
        return {
          Entries: Entries.map((entry) => {
            const code = codeFor(idIn(entry));
            return code === undefined ? { EventId: "e" } : { ErrorCode: code };
          }),
        };
      });
  }

  it("is retried if the time ran out before it was sent without its neighbor", async () => {
    const deadline = new AbortController();
    rejectCallsOf("a", () => {
      deadline.abort();
    });
    const others = Array.from({ length: 10 }, (_, index) => versions(`${index}`, 1, index + 2));

    const kinds = await aPublish()(
      [...others.flat(), old("a", "1"), old("c", "12")],
      deadline.signal,
    );

    expect(kinds).toMatchObject({ 1: "failed", 2: "published", 12: "failed" });
    expect(deadLetters()).toEqual([]);
  });

  it("is retried if its last call was rejected because of a neighbor", async () => {
    const publish = aPublish();
    await publish(versions("known", 1, 1));
    // Both are throttled until the last attempt, which follows the known entry.
    codeFor = (id) => {
      if (id.split("/")[1] === "known") {
        rejectCallsOf("a");
        return undefined;
      }
      return "ThrottlingException";
    };

    expect(await publish([old("a", "2"), old("c", "3")])).toEqual({ 2: "failed", 3: "failed" });
    expect(deadLetters()).toEqual([]);
  });

  it("is dead-lettered, but one of a recent record is retried", async () => {
    const publish = aPublish();
    await publish(versions("b", 1, 1));
    codeFor = reject("a", "c");

    const kinds = await publish([old("a", "2"), anOutboxRecord({ agent: "c", sequence: "3" })]);

    expect(kinds).toEqual({ 2: "dead-lettered", 3: "failed" });
    expect(deadLetters()).toHaveLength(3);
  });
});

it("sends no accepted entry again for an old record that is accepted", async () => {
  const publish = aPublish();
  await publish(versions("b", 1, 1));

  await publish([old("a", "2")]);

  expect([sentOf("b").length, sentOf("a").length]).toEqual([1, 3]);
});

it("sends no accepted entry again for a rejected entry of a recent record", async () => {
  const publish = aPublish();
  await publish(versions("b", 1, 1));
  codeFor = reject("a");

  await publish([anOutboxRecord({ agent: "a", sequence: "2" })]);

  expect(sentOf("b")).toHaveLength(1);
});

it("sends nothing after the time has run out", async () => {
  const deadline = new AbortController();
  codeFor = (id) => {
    deadline.abort();
    return reject("a")(id);
  };

  const kinds = await aPublish()([...versions("a", 2, 1), ...versions("b", 2, 3)], deadline.signal);

  expect(kinds).toEqual({ 1: "failed", 2: "blocked", 3: "published", 4: "blocked" });
  expect(sent()).toHaveLength(2);
});
