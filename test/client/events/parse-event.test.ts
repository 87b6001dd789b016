import { describe, expect, it } from "@jest/globals";

import {
  anEvent,
  detailTypes,
  EventError,
  parseEvent,
} from "../../../client/events/agent-availability-events.ts";

const event = anEvent("Agent Status Changed");
const text = JSON.stringify(event);

const notification = JSON.stringify({
  Type: "Notification",
  MessageId: "1",
  TopicArn: "arn:aws:sns:eu-central-1:123456789012:breaks",
  Message: text,
});

/** Returns the error that an input is rejected with. */
function rejectionOf(input: unknown): EventError {
  try {
    parseEvent(input);
  } catch (error) {
    if (error instanceof EventError) {
      return error;
    }
    throw error;
  }
  throw new Error("the input was parsed");
}

const without = (name: string) =>
  Object.fromEntries(Object.entries(event).filter(([key]) => key !== name));

describe("parseEvent", () => {
  it.each([
    ["an event, as a function receives it", event],
    ["an event's JSON", text],
    ["a queue's record", { messageId: "1", receiptHandle: "2", body: text }],
    ["a topic's record", { EventSource: "aws:sns", Sns: { MessageId: "1", Message: text } }],
    ["the body of a topic's message in a queue", notification],
    ["a queue's record of a topic's message", { messageId: "1", body: notification }],
  ])("parses %s", (_wrapper, input) => {
    expect(parseEvent(input)).toEqual({ kind: "event", event });
  });

  it.each(detailTypes)("parses an event of type %s", (detailType) => {
    const parsed = parseEvent(anEvent(detailType));

    expect(parsed).toMatchObject({ kind: "event", event: { "detail-type": detailType } });
  });

  it("returns the name of the replay that sent the event", () => {
    const replayed = { ...event, "replay-name": "replay-1" };

    expect(parseEvent(replayed)).toMatchObject({ event: { "replay-name": "replay-1" } });
  });
});

describe("an event of a later version of the hub", () => {
  it("is parsed without its new fields", () => {
    const later = {
      ...event,
      newHere: 1,
      detail: { ...event.detail, mood: "calm", status: { ...event.detail.status, color: "red" } },
    };

    expect(parseEvent(later)).toEqual({ kind: "event", event });
  });

  it("is unknown if its type is unknown, whatever it contains", () => {
    const later = { ...event, "detail-type": "Agent Logged In", detail: {} };

    expect(parseEvent(later)).toEqual({
      kind: "unknown",
      detailType: "Agent Logged In",
      schemaVersion: undefined,
    });
  });

  it("is unknown if its schema has a later version", () => {
    const detail = { ...event.detail, metadata: { ...event.detail.metadata, schemaVersion: 2 } };

    expect(parseEvent({ ...event, detail: { ...detail, status: "On break" } })).toEqual({
      kind: "unknown",
      detailType: "Agent Status Changed",
      schemaVersion: 2,
    });
  });
});

describe("an invalid event", () => {
  it("is rejected with all issues", () => {
    const { metadata, ...detail } = event.detail;
    const broken = { ...event, detail: { ...detail, metadata, status: { id: 232 }, agent: {} } };

    expect(rejectionOf(broken).issues).toEqual([
      {
        path: "detail.agent.availabilityId",
        message: "must be of type string (got nothing)",
      },
      { path: "detail.status.id", message: "must be of type string (got number)" },
    ]);
    expect(rejectionOf(broken).message).toBe(
      "the input is not a valid event: detail.agent.availabilityId must be of type string (got nothing); detail.status.id must be of type string (got number)",
    );
  });

  it("is rejected, and not treated as a later one, if the version of its schema is invalid", () => {
    const detail = { ...event.detail, metadata: { ...event.detail.metadata, schemaVersion: "2" } };

    expect(rejectionOf({ ...event, detail }).issues).toEqual([
      { path: "detail.metadata.schemaVersion", message: "must be 1" },
    ]);
  });

  it.each([
    ["version", 0, "must be more than 0"],
    ["version", [1], "must be of type number (got array)"],
    ["version", 1.5, "must be of type int (got number)"],
    ["publishedAt", "2026-11-24", "must be a time such as 2026-11-24T09:30:00.000Z"],
    ["publishedAt", null, "must be a time such as 2026-11-24T09:30:00.000Z"],
    ["gap", null, "must be of type boolean (got null)"],
  ])("is rejected if its %s is %j", (field, value, message) => {
    const detail = { ...event.detail, metadata: { ...event.detail.metadata, [field]: value } };

    expect(rejectionOf({ ...event, detail }).issues).toEqual([
      { path: `detail.metadata.${field}`, message },
    ]);
  });

  it("is rejected if it has another source", () => {
    expect(rejectionOf({ ...event, source: "aws.ec2" }).message).toBe(
      'the input is not a valid event: source must be "freshworks.agent-availability"',
    );
  });

  it("is rejected if it has no envelope", () => {
    expect(rejectionOf(event.detail).message).toBe(
      "the input must be a whole event (got its detail). Remove the input path or transformer from the rule's target.",
    );
    expect(rejectionOf(without("detail")).issues).toEqual([
      { path: "detail", message: "must be of type object (got nothing)" },
    ]);
  });

  it("is rejected if it is a batch, whose records may fail separately", () => {
    expect(rejectionOf({ Records: [{ body: text }, { body: text }] }).message).toBe(
      "the input must be one event (got a batch, number of Records: 2). Parse each record separately, so that failures can be reported per record.",
    );
  });

  it.each([
    ["hello", 'got text that begins with "hello"'],
    [{ body: "{" }, 'got text that begins with "{"'],
    ["[]", "got []"],
    [null, "got null"],
    [undefined, "got undefined"],
    [{ Sns: { Message: 3 } }, "got 3"],
  ])("is rejected: %j", (input, got) => {
    expect(rejectionOf(input).message).toContain(`must be an event or its JSON (${got})`);
  });

  it("is rejected if it has too many wrappers", () => {
    const wrapped = Array.from({ length: 9 }).reduce<string>(
      (body) => JSON.stringify({ body }),
      text,
    );

    expect(rejectionOf(wrapped).message).toContain(
      "must be an event in at most 4 wrappers (got more)",
    );
  });
});
