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
import { createPublish } from "../../functions/publisher/publish.ts";
import { createSetAside } from "../../functions/publisher/set-aside.ts";
import { anImage, anOutboxRecord, versions } from "../../tools/fakes/outbox-record.ts";

const bus = mockClient(EventBridgeClient);
const { signal } = new AbortController();

let bodies: string[];
let codeFor: (id: string) => string | undefined;
let calls: number;
let pauses: number[];

const idIn = ({ Detail = "" }: PutEventsRequestEntry) =>
  (JSON.parse(Detail) as { metadata: { id: string } }).metadata.id;
const sent = () =>
  bus
    .commandCalls(PutEventsCommand)
    .flatMap(({ args }) => args[0].input.Entries ?? [])
    .map(idIn);
const sentOf = (agent: string) => sent().filter((id) => id.split("/")[1] === agent);
const setAside = () =>
  bodies.map((body) => (JSON.parse(body) as { cause: { eventId: string } }).cause.eventId);
const old = (agent: string, sequence: string) =>
  anOutboxRecord({ agent, sequence, ageSeconds: 902 });

function aPublish(but: Partial<Parameters<typeof createPublish>[0]> = {}) {
  return createPublish({
    bus: createEventBus(new EventBridgeClient()),
    busName: "a-bus",
    setAside: createSetAside(async (body) => await Promise.resolve(void bodies.push(body)), {
      personalData: false,
    }),
    personalData: false,
    pause: async (milliseconds) => await Promise.resolve(void pauses.push(milliseconds)),
    ...but,
  });
}

beforeEach(() => {
  bodies = [];
  calls = 0;
  pauses = [];
  codeFor = () => undefined;
  bus.reset();
  bus.on(PutEventsCommand).callsFake(({ Entries = [] }: { Entries?: PutEventsRequestEntry[] }) => {
    calls += 1;
    return {
      Entries: Entries.map((entry): PutEventsResultEntry => {
        const code = codeFor(idIn(entry));
        return code === undefined
          ? { EventId: "e" }
          : { ErrorCode: code, ErrorMessage: `no: ${code}` };
      }),
    };
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

const refuse =
  (...agents: string[]) =>
  (id: string) =>
    agents.includes(id.split("/")[1] ?? "") ? "SomethingNew" : undefined;

describe("what a batch came to", () => {
  it("names each record that is left, with what was said to it, or that it waits behind one", async () => {
    codeFor = refuse("a");
    const records = versions("a", 2, 1);

    const { left, failures, refusals, accepted } = await aPublish()(records, signal);

    expect(left).toEqual([
      {
        record: records[0],
        refused: [
          {
            code: "SomethingNew",
            message: "no: SomethingNew",
            eventId: "11010177632/a/1795486584641/2/AgentAvailabilityChanged",
          },
        ],
      },
      { record: records[1], refused: [] },
    ]);
    expect(failures).toEqual([{ itemIdentifier: "1" }, { itemIdentifier: "2" }]);
    expect(refusals).toEqual(["SomethingNew"]);
    expect(accepted).toEqual([]);
  });

  it("is nothing for no records", async () => {
    expect(await aPublish()([], signal)).toEqual({
      left: [],
      failures: [],
      refusals: [],
      accepted: [],
      setAside: [],
    });
    expect(calls).toBe(0);
  });

  it("is told to nobody where a defect of ours keeps a record from being read", async () => {
    const publish = aPublish({
      isProfileChanged: () => {
        throw new Error("a defect");
      },
    });

    await expect(publish([anOutboxRecord()], signal)).rejects.toThrow("a defect");
    expect(sent()).toEqual([]);
  });
});

it("tells names and addresses only on a stage that says so", async () => {
  const textOf = async (personalData: boolean) => {
    bus.resetHistory();
    await aPublish({ personalData })([anOutboxRecord()], signal);
    return JSON.stringify(bus.commandCalls(PutEventsCommand).map(({ args }) => args[0].input));
  };

  expect(await textOf(true)).toMatch(/Rachel.*rachel@acme\.com/);
  expect(await textOf(false)).not.toMatch(/Rachel|rachel@/);
});

it("does not pause once all is accepted", async () => {
  await aPublish()(versions("a", 1, 1), signal);

  expect(sent()).toHaveLength(1);
  expect(pauses).toEqual([]);
});

it("keeps a record of whose two causes the second was not taken, and puts that aside the next time", async () => {
  codeFor = (id) =>
    id.endsWith("/AgentAvailabilityChanged") || id.endsWith("/AgentStatusChanged")
      ? "MalformedDetail"
      : undefined;
  let isAway = true;
  const publish = aPublish({
    setAside: createSetAside(
      async (body) => {
        if (isAway && bodies.length === 1) {
          throw new Error("queue away");
        }
        await Promise.resolve(void bodies.push(body));
      },
      { personalData: false },
    ),
  });

  const first = await publish([anOutboxRecord()], signal);
  isAway = false;
  const second = await publish([anOutboxRecord()], signal);

  expect(first.failures).toEqual([{ itemIdentifier: "1" }]);
  expect(first.refusals).toEqual(["SetAside:Error"]);
  expect(second.failures).toEqual([]);
  expect(new Set(setAside().map((id) => id.split("/")[4]))).toEqual(
    new Set(["AgentAvailabilityChanged", "AgentStatusChanged"]),
  );
});

describe("redriving", () => {
  it("publishes those events of a record only that are wanted", async () => {
    const publish = aPublish({
      isWanted: ({ eventID }: DynamoDBRecord, id) =>
        eventID === "record-1" && id.endsWith("/AgentStatusChanged"),
    });

    const { failures } = await publish(
      [anOutboxRecord(), anOutboxRecord({ agent: "b", sequence: "2" })],
      signal,
    );

    expect(failures).toEqual([]);
    expect(sent()).toEqual(["11010177632/787096/1795486584641/1/AgentStatusChanged"]);
  });

  it("says that the profile differed where names were left out of both images, and differed", async () => {
    const changed = async (isProfileChanged: () => boolean) => {
      bus.resetHistory();
      await aPublish({ isProfileChanged })(
        [anOutboxRecord({ before: anImage(), after: anImage({ version: { N: "2" } }) })],
        signal,
      );
      const [{ args } = { args: undefined }] = bus.commandCalls(PutEventsCommand);
      const [{ Detail = "{}" } = {}] = args?.[0].input.Entries ?? [];
      return (JSON.parse(Detail) as { changed: string[] }).changed;
    };

    expect(await changed(() => true)).toEqual(["profile"]);
    expect(await changed(() => false)).toEqual([]);
  });

  it("waits as long as it is told before it sets aside what is still refused", async () => {
    codeFor = refuse("a");
    const records = [anOutboxRecord({ agent: "a", ageSeconds: 10 }), ...versions("b", 1, 2)];

    const { failures } = await aPublish({ patienceMs: 5000 })(records, signal);

    expect(failures).toEqual([]);
    expect(setAside()).toHaveLength(3);
  });
});

describe("an old entry that is refused", () => {
  it("stays where nothing was ever accepted", async () => {
    codeFor = refuse("a");

    const { failures } = await aPublish()([old("a", "1")], signal);

    expect(failures).toEqual([{ itemIdentifier: "1" }]);
    expect(setAside()).toEqual([]);
    expect(sentOf("a")).toHaveLength(4 * 3);
  });

  it("is tried four times with longer and longer pauses, and once more right after another was taken", async () => {
    codeFor = refuse("a");

    await aPublish()([old("a", "1"), ...versions("b", 1, 2)], signal);

    expect(sentOf("a")).toHaveLength(5 * 3);
    expect(setAside()).toHaveLength(3);
    expect(sent().map((id) => id.split("/")[1])).toEqual([
      ..."aaab".split(""),
      ..."aaa".repeat(3).split(""),
      "b",
      ..."aaa".split(""),
    ]);
    expect(pauses).toEqual([100, 200, 400]);
  });

  it.each([
    [900, ["1"], 0],
    [901, [], 3],
  ])(
    "whose record is %d seconds old is set aside only if that is more than 15 minutes",
    async (ageSeconds, left, setAsideCount) => {
      jest.spyOn(Date, "now").mockReturnValue(1_795_507_200_000);
      codeFor = refuse("a");
      const record = anOutboxRecord({ agent: "a", sequence: "1", ageSeconds });

      const { failures } = await aPublish()([record, ...versions("b", 1, 2)], signal);

      expect(failures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(left);
      expect(setAside()).toHaveLength(setAsideCount);
    },
  );

  it("for the sake of a neighbour stays when the time is over before it was sent alone", async () => {
    const over = new AbortController();
    bus
      .on(PutEventsCommand)
      .callsFake(({ Entries = [] }: { Entries?: PutEventsRequestEntry[] }) => {
        if (Entries.some((entry) => idIn(entry).split("/")[1] === "a")) {
          over.abort();
          throw new EventBridgeServiceException({
            name: "ValidationException",
            $fault: "client",
            message: "one of them is bad",
            $metadata: {},
          });
        }
        return { Entries: Entries.map(() => ({ EventId: "e" })) };
      });
    const others = Array.from({ length: 10 }, (_, index) => versions(`${index}`, 1, index + 2));

    const { failures } = await aPublish()(
      [...others.flat(), old("a", "1"), old("c", "12")],
      over.signal,
    );

    expect(failures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(["1", "12"]);
    expect(setAside()).toEqual([]);
  });

  it("is set aside beside a young one, which stays", async () => {
    const publish = aPublish();
    await publish(versions("b", 1, 1), signal);
    codeFor = refuse("a", "c");

    const { failures } = await publish(
      [old("a", "2"), anOutboxRecord({ agent: "c", sequence: "3" })],
      signal,
    );

    expect(failures).toEqual([{ itemIdentifier: "3" }]);
    expect(setAside()).toHaveLength(3);
  });
});

it("asks nothing of the bus for the sake of an old record that gets through", async () => {
  const publish = aPublish();
  await publish(versions("b", 1, 1), signal);

  await publish([old("a", "2")], signal);

  expect([sentOf("b").length, sentOf("a").length]).toEqual([1, 3]);
});

it("asks nothing of the bus for the sake of a young entry that is refused", async () => {
  const publish = aPublish();
  await publish(versions("b", 1, 1), signal);
  codeFor = refuse("a");

  await publish([anOutboxRecord({ agent: "a", sequence: "2" })], signal);

  expect(sentOf("b")).toHaveLength(1);
});

it("sends nothing more once its time is over", async () => {
  const over = new AbortController();
  codeFor = (id) => {
    over.abort();
    return refuse("a")(id);
  };

  const { failures } = await aPublish()(
    [...versions("a", 2, 1), ...versions("b", 2, 3)],
    over.signal,
  );

  expect(failures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(["1", "2", "4"]);
  expect(sent()).toHaveLength(2);
});
