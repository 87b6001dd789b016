import { describe, expect, it } from "@jest/globals";

import {
  anEvent,
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

/** What it is refused with. */
function refusalOf(input: unknown): EventError {
  try {
    parseEvent(input);
  } catch (error) {
    if (error instanceof EventError) {
      return error;
    }
    throw error;
  }
  throw new Error("it was parsed");
}

const without = (name: string) =>
  Object.fromEntries(Object.entries(event).filter(([key]) => key !== name));

describe("parsing an event", () => {
  it.each([
    ["an event, as a rule gives it to a function", event],
    ["its JSON", text],
    ["a queue's record", { messageId: "1", receiptHandle: "2", body: text }],
    ["a topic's record", { EventSource: "aws:sns", Sns: { MessageId: "1", Message: text } }],
    ["the body that a topic makes in a queue", notification],
    ["a queue's record of a topic's message", { messageId: "1", body: notification }],
  ])("takes it out of %s", (_wrapper, input) => {
    expect(parseEvent(input)).toEqual({ kind: "event", event });
  });

  it.each([
    "Agent Availability Changed",
    "Agent Status Changed",
    "Agent Channel Availability Changed",
    "Agent Removed",
  ] as const)("knows %s", (detailType) => {
    const parsed = parseEvent(anEvent(detailType));

    expect(parsed).toMatchObject({ kind: "event", event: { "detail-type": detailType } });
  });

  it("says which replay brought it", () => {
    const replayed = { ...event, "replay-name": "replay-1" };

    expect(parseEvent(replayed)).toMatchObject({ event: { "replay-name": "replay-1" } });
  });
});

describe("an event of a later hub", () => {
  it("is read without the fields that are new in it", () => {
    const later = {
      ...event,
      newHere: 1,
      detail: { ...event.detail, mood: "calm", status: { ...event.detail.status, colour: "red" } },
    };

    expect(parseEvent(later)).toEqual({ kind: "event", event });
  });

  it("is unknown when its type is, whatever is in it", () => {
    const later = { ...event, "detail-type": "Agent Logged In", detail: {} };

    expect(parseEvent(later)).toEqual({
      kind: "unknown",
      detailType: "Agent Logged In",
      schemaVersion: undefined,
    });
  });

  it("is unknown when the schema of its type is a later one", () => {
    const detail = { ...event.detail, metadata: { ...event.detail.metadata, schemaVersion: 2 } };

    expect(parseEvent({ ...event, detail: { ...detail, status: "On break" } })).toEqual({
      kind: "unknown",
      detailType: "Agent Status Changed",
      schemaVersion: 2,
    });
  });
});

describe("what is no event of the hub", () => {
  it("is refused with everything that is wrong in it", () => {
    const { metadata, ...detail } = event.detail;
    const broken = { ...event, detail: { ...detail, metadata, status: { id: 232 }, agent: {} } };

    expect(refusalOf(broken).issues).toEqual([
      {
        path: "detail.agent.availabilityId",
        message: "Invalid input: expected string, received undefined",
      },
      { path: "detail.status.id", message: "Invalid input: expected string, received number" },
    ]);
    expect(refusalOf(broken).message).toBe(
      "this is no event of agent availability: detail.agent.availabilityId: Invalid input: expected string, received undefined; detail.status.id: Invalid input: expected string, received number",
    );
  });

  it("is refused when the version of its schema cannot be read, and not taken for a later one", () => {
    const detail = { ...event.detail, metadata: { ...event.detail.metadata, schemaVersion: "2" } };

    expect(refusalOf({ ...event, detail }).issues).toEqual([
      { path: "detail.metadata.schemaVersion", message: "Invalid input: expected 1" },
    ]);
  });

  it("is refused when it comes from another source, and told what to do", () => {
    expect(refusalOf({ ...event, source: "aws.ec2" }).message).toBe(
      "this is no event of agent availability: source: is not freshworks.agent-availability: let the rule's pattern name this source",
    );
  });

  it("is refused when it has no envelope", () => {
    expect(refusalOf(event.detail).message).toMatch(/without an input path or transformer$/);
    expect(refusalOf(without("detail")).issues).toEqual([
      { path: "detail", message: "Invalid input: expected object, received undefined" },
    ]);
  });

  it("is refused when it is a batch, which may be reported in part", () => {
    expect(refusalOf({ Records: [{ body: text }, { body: text }] }).message).toBe(
      "this is a batch of 2 records; parse each of its Records by itself, so that one that fails can be reported by itself",
    );
  });

  it.each([
    ["hello", 'and no JSON either; it begins with "hello"'],
    [{ body: "{" }, 'and no JSON either; it begins with "{"'],
    ["[]", "[] is no JSON object"],
    [null, "null is no JSON object"],
    [undefined, "nothing is no JSON object"],
    [{ Sns: { Message: 3 } }, "3 is no JSON object"],
  ])("is refused: %j", (input, sentence) => {
    expect(refusalOf(input).message).toContain(sentence);
  });

  it("is refused when it is wrapped without end", () => {
    const wrapped = Array.from({ length: 9 }).reduce<string>(
      (body) => JSON.stringify({ body }),
      text,
    );

    expect(refusalOf(wrapped).message).toContain("it is wrapped more than 4 times");
  });
});
