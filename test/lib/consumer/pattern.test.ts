import { describe, expect, it } from "@jest/globals";

import type { DetailType } from "../../../functions/availability/catalogue.ts";
import type { EventName, EventSelection } from "../../../lib/consumer/filters.ts";
import { needsQuota, patternOf } from "../../../lib/consumer/pattern.ts";

/** Compiles only while the rules' events are exactly the catalogue's. */
const sameEvents: [EventName, DetailType] extends [DetailType, EventName] ? true : never = true;

describe("the pattern of a rule", () => {
  it("lets pass the events of this hub that are named, in the version that its filters speak of", () => {
    expect(sameEvents).toBe(true);
    expect(patternOf({ events: "Agent Removed" })).toEqual({
      source: ["freshworks.agent-availability"],
      "detail-type": ["Agent Removed"],
      detail: { metadata: { schemaVersion: [1] } },
    });
  });

  it("says a channel filter in the event's fields, and all filters together", () => {
    const pattern = patternOf({
      events: "Agent Channel Availability Changed",
      channels: ["freshdesk", { name: "whatsapp" }],
      available: false,
      wasAvailable: true,
      accounts: ["11010177632", "42"],
      agents: ["787096"],
    });

    expect(pattern).toEqual({
      source: ["freshworks.agent-availability"],
      "detail-type": ["Agent Channel Availability Changed"],
      detail: {
        metadata: { schemaVersion: [1] },
        accountId: ["11010177632", "42"],
        agent: { availabilityId: ["787096"] },
        channel: ["freshdesk", "whatsapp"],
        available: [false],
        previous: { available: [true] },
      },
    });
  });

  it("finds a status by its name, by its id, or by either", () => {
    const statuses = (toStatus: readonly (string | { id: string })[]) =>
      patternOf({ events: "Agent Status Changed", toStatus }).detail["status"];

    expect(statuses(["On break", "Lunch"])).toEqual({ name: ["On break", "Lunch"] });
    expect(statuses([{ id: "7" }])).toEqual({ id: ["7"] });
    expect(statuses(["On break", { id: "7" }])).toEqual({
      $or: [{ name: ["On break"] }, { id: ["7"] }],
    });
  });

  it("tells the status that was left from the one that was taken", () => {
    const { detail } = patternOf({
      events: "Agent Status Changed",
      toStatus: ["Available"],
      fromStatus: ["On break"],
    });

    expect(detail).toEqual({
      metadata: { schemaVersion: [1] },
      status: { name: ["Available"] },
      previous: { status: { name: ["On break"] } },
    });
  });

  it("tells what differs, and the status by now, of an availability", () => {
    const { detail } = patternOf({
      events: "Agent Availability Changed",
      changed: ["channels", "profile"],
      inStatus: [{ id: "7" }],
    });

    expect(detail).toEqual({
      metadata: { schemaVersion: [1] },
      changed: ["channels", "profile"],
      status: { id: ["7"] },
    });
  });

  it("takes several events, with the filters that all of them have", () => {
    expect(
      patternOf({ events: ["Agent Removed", "Agent Status Changed"], accounts: ["42"] }),
    ).toEqual({
      source: ["freshworks.agent-availability"],
      "detail-type": ["Agent Removed", "Agent Status Changed"],
      detail: { metadata: { schemaVersion: [1] }, accountId: ["42"] },
    });
  });
});

describe("a filter that makes no sense", () => {
  it("does not compile, and is refused with a sentence where nothing compiled it", () => {
    const wrong = [
      // @ts-expect-error -- a channel event takes no status
      { events: "Agent Channel Availability Changed", toStatus: ["On break"] },
      // @ts-expect-error -- a removal has no channel
      { events: "Agent Removed", channels: ["freshdesk"] },
      // @ts-expect-error -- only one of the two has channels
      { events: ["Agent Status Changed", "Agent Removed"], channels: ["freshdesk"] },
      // @ts-expect-error -- this filter is of the event that tells the change of status
      { events: "Agent Availability Changed", toStatus: ["On break"] },
      // @ts-expect-error -- there is no such event
      { events: "Agent Went Home" },
      {
        events: "Agent Channel Availability Changed",
        // @ts-expect-error -- the channel is called freshcaller
        channels: ["phone"],
      },
      // @ts-expect-error -- accounts are strings
      { events: "Agent Removed", accounts: [11_010_177_632] },
    ] satisfies EventSelection[];

    const sentences = wrong.map((selection) => {
      try {
        return JSON.stringify(patternOf(selection as never));
      } catch (error) {
        return (error as Error).message;
      }
    });

    expect(sentences).toEqual([
      "toStatus makes no sense for Agent Channel Availability Changed: accounts, agents, channels, available, wasAvailable are allowed; for events with other filters, make another rule",
      "channels makes no sense for Agent Removed: accounts, agents are allowed; for events with other filters, make another rule",
      "channels makes no sense for Agent Status Changed, Agent Removed: accounts, agents are allowed; for events with other filters, make another rule",
      "toStatus makes no sense for Agent Availability Changed: changed, inStatus, accounts, agents are allowed; for events with other filters, make another rule",
      'events: "Agent Went Home" is no event; Agent Availability Changed, Agent Status Changed, Agent Channel Availability Changed, Agent Removed are allowed',
      'channels: "phone" is no channel that the hub knows; freshdesk, freshchat, freshcaller are allowed, and { name: "..." } for another',
      "accounts: 11010177632 is no text, and would match nothing; a string that is not empty is allowed",
    ]);
  });

  it("is refused with a sentence when it is an empty list, which would let nothing pass", () => {
    expect(() => patternOf({ events: [] })).toThrow(
      "events is an empty list, which no event would pass; Agent Availability Changed, Agent Status Changed, Agent Channel Availability Changed, Agent Removed are allowed",
    );
    expect(() => patternOf({ events: "Agent Status Changed", toStatus: [] })).toThrow(
      "toStatus is an empty list, which no event would pass; leave it out to let all pass",
    );
    expect(() => patternOf({ events: "Agent Removed", agents: [" "] })).toThrow(
      'agents: " " is no text, and would match nothing; a string that is not empty is allowed',
    );
  });
});

describe("a long pattern", () => {
  const accounts = (count: number) =>
    Array.from({ length: count }, (_, index) => String(11_010_177_632 + index));

  it("is told apart when the account's quota has to be raised for it", () => {
    expect(needsQuota(patternOf({ events: "Agent Removed", accounts: accounts(130) }))).toBe(false);
    expect(needsQuota(patternOf({ events: "Agent Removed", accounts: accounts(150) }))).toBe(true);
  });

  it("is refused where EventBridge would not take it", () => {
    expect(() => patternOf({ events: "Agent Removed", accounts: accounts(300) })).toThrow(
      "the rule's pattern has 4334 characters, and EventBridge takes 4096; make several rules with fewer values each",
    );
  });
});
