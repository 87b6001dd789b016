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

/** Sends calls with the given numbers of entries, and returns the responses to all entries. */
async function put(...sizes: readonly number[]) {
  const calls = sizes.map((size, callIndex) =>
    Array.from({ length: size }, (_, index) => anEntry(`${callIndex}-${index}`)),
  );
  const responses = await createEventBus(new EventBridgeClient()).put(calls, signal);
  return calls.flat().map((entry) => responses.get(entry));
}

const exception = (name: string, fault: "client" | "server") =>
  new EventBridgeServiceException({ name, $fault: fault, message: "no", $metadata: {} });

const rejection = (code: string, conclusive: boolean, message = "") => ({
  kind: "rejected",
  code,
  message,
  wholeCall: false,
  conclusive,
});

beforeEach(() => {
  client.reset();
  client.on(PutEventsCommand).resolves({ Entries: [{ EventId: "e" }] });
});

describe("the response to an entry", () => {
  it.each<[PutEventsResultEntry, object]>([
    [{ EventId: "e" }, { kind: "accepted" }],
    [{}, rejection("NoResponse", false)],
    [
      { ErrorCode: "MalformedDetail", ErrorMessage: "not JSON" },
      rejection("MalformedDetail", true, "not JSON"),
    ],
    [{ EventId: "e", ErrorCode: "InternalFailure" }, rejection("InternalFailure", true)],
    ...["ThrottlingException", "TooManyRequestsException", "LimitExceededException"].map(
      (ErrorCode): [PutEventsResultEntry, object] => [{ ErrorCode }, rejection(ErrorCode, false)],
    ),
  ])("for which EventBridge returns %j is %j", async (result, expected) => {
    client.on(PutEventsCommand).resolves({ Entries: [result] });

    expect(await put(1)).toEqual([expected]);
  });

  it.each([{}, { Entries: [] }])("is an inconclusive rejection if %j lacks it", async (output) => {
    client.on(PutEventsCommand).resolves(output);

    expect(await put(1)).toEqual([rejection("NoResponse", false)]);
  });
});

describe("a call that fails", () => {
  it.each<[Error, { wholeCall: boolean }]>([
    [exception("ValidationException", "client"), { wholeCall: true }],
    [exception("AccessDeniedException", "client"), { wholeCall: true }],
    [exception("ThrottlingException", "client"), { wholeCall: false }],
    [exception("TooManyRequestsException", "client"), { wholeCall: false }],
    [exception("LimitExceededException", "client"), { wholeCall: false }],
    [exception("InternalException", "server"), { wholeCall: false }],
    [new Error("no"), { wholeCall: false }],
  ])("with %s rejects all of its entries: %j", async (error, { wholeCall }) => {
    client.on(PutEventsCommand).rejects(error);
    const rejected = { kind: "rejected", code: error.name, message: "no", wholeCall };

    expect(await put(2)).toEqual([
      { ...rejected, conclusive: false },
      { ...rejected, conclusive: false },
    ]);
    // Without other entries in a rejected call, the entry itself must be the reason.
    expect(await put(1)).toEqual([{ ...rejected, conclusive: wholeCall }]);
  });

  it("does not affect the other calls", async () => {
    client
      .on(PutEventsCommand)
      .rejectsOnce(new Error("no"))
      .resolves({ Entries: [{ EventId: "e" }] });

    expect((await put(1, 1)).map((response) => response?.kind)).toEqual(["rejected", "accepted"]);
  });
});

it("sends each call with its entries", async () => {
  await put(3, 1);

  expect(
    client.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries?.length),
  ).toEqual([3, 1]);
});

it("stops calls when the signal is aborted", async () => {
  await put(1);

  expect(client.commandCalls(PutEventsCommand)[0]?.args).toEqual([
    expect.any(PutEventsCommand),
    { abortSignal: signal },
  ]);
});
