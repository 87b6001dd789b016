import { describe, expect, it } from "@jest/globals";

import {
  anEvent,
  detailTypes,
  EventError,
  parseEvent,
} from "../../../client/events/agent-availability-events.ts";

describe("anEvent", () => {
  it.each(detailTypes)("returns a valid event of type %s", (detailType) => {
    expect(parseEvent(anEvent(detailType))).toMatchObject({ kind: "event" });
  });

  it("changes only the fields that the test sets, at any depth", () => {
    const unchanged = anEvent("Agent Status Changed");

    const event = anEvent("Agent Status Changed", { status: { id: "5", name: "In a call" } });

    expect(event).toEqual({
      ...unchanged,
      detail: {
        ...unchanged.detail,
        status: { ...unchanged.detail.status, id: "5", name: "In a call" },
      },
    });
  });

  it("derives the ID from the fields that it consists of", () => {
    const event = anEvent("Agent Channel Availability Changed", {
      accountId: "1",
      agent: { availabilityId: "2" },
      channel: "freshcaller",
      metadata: { epoch: 3, version: 4 },
    });

    expect(event.detail.metadata.id).toBe("1/2/3/4/AgentChannelAvailabilityChanged/freshcaller");
  });

  it("derives the ID of a login or logout from the user ID", () => {
    const event = anEvent("Agent Login Changed", {
      accountId: "1",
      agent: { userId: "2" },
      metadata: { epoch: 3, version: 4 },
    });

    expect(event.detail.metadata.id).toBe("1/session:2/3/4/AgentLoginChanged");
  });

  it("derives the ID of an overrun from status and limit", () => {
    const event = anEvent("Agent Status Overrun", {
      accountId: "1",
      agent: { availabilityId: "2" },
      status: { id: "3", since: "2026-11-24T09:00:00.000Z" },
      limitMinutes: 4,
    });

    expect(event.detail.metadata.id).toBe("1/2/3/2026-11-24T09:00:00.000Z/AgentStatusOverrun/4");
  });

  it("derives the ID of coverage from the channel", () => {
    const event = anEvent("Channel Coverage Changed", {
      accountId: "1",
      channel: "freshchat",
      metadata: { version: 2 },
    });

    expect(event.detail.metadata.id).toBe("1/freshchat/2/ChannelCoverageChanged");
  });

  it("omits fields that the test sets to undefined", () => {
    const { detail } = anEvent("Agent Status Changed", {
      previous: undefined,
      status: { since: undefined },
    });

    expect(detail).not.toHaveProperty("previous");
    expect(detail.status).toEqual({ id: "232", name: "On break" });
  });

  it("replaces a list as a whole", () => {
    const { detail } = anEvent("Agent Availability Changed", { changed: [] });

    expect(detail.changed).toEqual([]);
  });

  it("sets the fields of the envelope", () => {
    const event = anEvent("Agent Removed", {}, { "replay-name": "replay-1", region: "us-east-1" });

    expect(event).toMatchObject({ "replay-name": "replay-1", region: "us-east-1", version: "0" });
  });

  it("rejects an event that the hub could not publish", () => {
    expect(() => anEvent("Agent Status Changed", { status: { since: "yesterday" } })).toThrow(
      EventError,
    );
  });
});
