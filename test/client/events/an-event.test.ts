import { describe, expect, it } from "@jest/globals";

import {
  anEvent,
  detailTypes,
  EventError,
  parseEvent,
} from "../../../client/events/agent-availability-events.ts";

describe("an event for a test", () => {
  it.each(detailTypes)("of type %s is one that the hub could publish", (detailType) => {
    expect(parseEvent(anEvent(detailType))).toMatchObject({ kind: "event" });
  });

  it("differs where the test says so, however deep, and nowhere else", () => {
    const plain = anEvent("Agent Status Changed");

    const event = anEvent("Agent Status Changed", { status: { id: "5", name: "In a call" } });

    expect(event).toEqual({
      ...plain,
      detail: { ...plain.detail, status: { ...plain.detail.status, id: "5", name: "In a call" } },
    });
  });

  it("has the id that follows from what it is about", () => {
    const event = anEvent("Agent Channel Availability Changed", {
      accountId: "1",
      agent: { availabilityId: "2" },
      channel: "freshcaller",
      metadata: { epoch: 3, version: 4 },
    });

    expect(event.detail.metadata.id).toBe("1/2/3/4/AgentChannelAvailabilityChanged/freshcaller");
  });

  it("leaves out what the test says is not there", () => {
    const { detail } = anEvent("Agent Status Changed", {
      previous: undefined,
      status: { since: undefined },
    });

    expect(detail).not.toHaveProperty("previous");
    expect(detail.status).toEqual({ id: "232", name: "On break" });
  });

  it("takes a list as it stands", () => {
    const { detail } = anEvent("Agent Availability Changed", { changed: [] });

    expect(detail.changed).toEqual([]);
  });

  it("has the envelope that the test says", () => {
    const event = anEvent("Agent Removed", {}, { "replay-name": "replay-1", region: "us-east-1" });

    expect(event).toMatchObject({ "replay-name": "replay-1", region: "us-east-1", version: "0" });
  });

  it("is refused when the hub could not publish it", () => {
    expect(() => anEvent("Agent Status Changed", { status: { since: "yesterday" } })).toThrow(
      EventError,
    );
  });
});
