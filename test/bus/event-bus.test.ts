import {
  EventBridgeClient,
  EventBridgeServiceException,
  PutEventsCommand,
  type PutEventsResultEntry,
} from "@aws-sdk/client-eventbridge";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { createEventBus } from "../../functions/bus/event-bus.ts";
import { anEntry } from "../builders/entry.ts";

const client = mockClient(EventBridgeClient);
const { signal } = new AbortController();

const put = async (count = 1, alone = false) => {
  const entries = Array.from({ length: count }, (_, index) => anEntry(String(index)));
  const answers = await createEventBus(new EventBridgeClient()).put(entries, alone, signal);
  return entries.map((entry) => answers.get(entry));
};
const says = (name: string, fault: "client" | "server") =>
  new EventBridgeServiceException({ name, $fault: fault, message: "no", $metadata: {} });

beforeEach(() => {
  client.reset();
  client.on(PutEventsCommand).resolves({ Entries: [{ EventId: "e" }] });
});

describe("the bus's answer to an entry", () => {
  it.each<[string, PutEventsResultEntry, object]>([
    ["an id", { EventId: "e" }, { kind: "accepted" }],
    [
      "neither id nor code",
      {},
      { kind: "refused", code: "NoAnswer", message: "", whole: false, passing: true },
    ],
    [
      "a code that may come of the entry",
      { ErrorCode: "MalformedDetail", ErrorMessage: "no JSON" },
      {
        kind: "refused",
        code: "MalformedDetail",
        message: "no JSON",
        whole: false,
        passing: false,
      },
    ],
    [
      "a code beside an id",
      { EventId: "e", ErrorCode: "InternalFailure" },
      { kind: "refused", code: "InternalFailure", message: "", whole: false, passing: false },
    ],
    ...["ThrottlingException", "TooManyRequestsException", "LimitExceededException"].map(
      (ErrorCode): [string, PutEventsResultEntry, object] => [
        ErrorCode,
        { ErrorCode },
        { kind: "refused", code: ErrorCode, message: "", whole: false, passing: true },
      ],
    ),
  ])("that is %s is understood", async (_, answer, expected) => {
    client.on(PutEventsCommand).resolves({ Entries: [answer] });

    expect(await put()).toEqual([expected]);
  });

  it.each([{}, { Entries: [] }])("that is missing in %j is none, and may yet come", async (all) => {
    client.on(PutEventsCommand).resolves(all);

    expect(await put()).toEqual([
      { kind: "refused", code: "NoAnswer", message: "", whole: false, passing: true },
    ]);
  });
});

describe("a call that fails", () => {
  it.each<[Error, object]>([
    [says("ValidationException", "client"), { whole: true, passing: false }],
    [says("AccessDeniedException", "client"), { whole: true, passing: false }],
    [says("ThrottlingException", "client"), { whole: false, passing: true }],
    [says("TooManyRequestsException", "client"), { whole: false, passing: true }],
    [says("LimitExceededException", "client"), { whole: false, passing: true }],
    [says("InternalException", "server"), { whole: false, passing: true }],
    [new Error("no"), { whole: false, passing: true }],
  ])("with %s says so for each of its entries", async (error, expected) => {
    client.on(PutEventsCommand).rejects(error);
    const refused = { kind: "refused", code: error.name, message: "no", ...expected };

    expect(await put(2)).toEqual([refused, refused]);
  });
});

describe("entries", () => {
  it("go in calls of their own where they are sent alone, and share calls otherwise", async () => {
    const sizes = () =>
      client.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries?.length);

    await put(3);
    expect(sizes()).toEqual([3]);
    client.resetHistory();
    expect(await put(3, true)).toEqual([
      { kind: "accepted" },
      { kind: "accepted" },
      { kind: "accepted" },
    ]);
    expect(sizes()).toEqual([1, 1, 1]);
  });

  it("are given up when their time is over", async () => {
    await put();

    expect(client.commandCalls(PutEventsCommand)[0]?.args).toEqual([
      expect.any(PutEventsCommand),
      { abortSignal: signal },
    ]);
  });
});
