import { describe, expect, it } from "@jest/globals";
import { Lazy } from "aws-cdk-lib";

import { catalogue, detailTypes } from "../../../functions/availability/catalogue.ts";
import { eventNames } from "../../../lib/consumer/event-names.ts";
import type { EventSelection } from "../../../lib/consumer/filters.ts";
import { exceedsDefaultQuota, patternOf } from "../../../lib/consumer/pattern.ts";

describe("the pattern of a rule", () => {
  it("matches the selected events of schema version 1", () => {
    expect(patternOf({ events: "Agent Removed" })).toEqual({
      source: ["freshworks.agent-availability"],
      "detail-type": ["Agent Removed"],
      detail: { metadata: { schemaVersion: [1] } },
    });
  });

  it("can select every event of the catalogue", () => {
    expect(eventNames).toEqual(detailTypes);
  });

  it("matches logins or logouts of users", () => {
    const { detail } = patternOf({
      events: "Agent Login Changed",
      users: ["72025350026"],
      loggedIn: true,
    });

    expect(detail).toEqual({
      metadata: { schemaVersion: [1] },
      agent: { userId: ["72025350026"] },
      loggedIn: [true],
    });
  });

  it("matches overruns by status and limit", () => {
    const { detail } = patternOf({
      events: "Agent Status Overrun",
      inStatus: ["Lunch"],
      limitMinutes: [30, 60],
    });

    expect(detail).toEqual({
      metadata: { schemaVersion: [1] },
      status: { name: ["Lunch"] },
      limitMinutes: [30, 60],
    });
  });

  it("matches channels that lose their coverage", () => {
    const { detail } = patternOf({
      events: "Channel Coverage Changed",
      channels: ["freshcaller"],
      covered: false,
      wasCovered: true,
    });

    expect(detail).toEqual({
      metadata: { schemaVersion: [1] },
      channel: ["freshcaller"],
      covered: [false],
      previous: { covered: [true] },
    });
  });

  it("matches removals by every reason of the catalogue", () => {
    const { options } = catalogue["Agent Removed"].shape.reason;

    const { detail } = patternOf({ events: "Agent Removed", reason: options });

    expect(detail["reason"]).toEqual(["item-deleted", "forgotten", "deleted", "merged"]);
  });

  it("combines all filters of a channel event", () => {
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

  it("matches a status by name, by ID, or by either", () => {
    const statuses = (toStatus: readonly (string | { id: string })[]) =>
      patternOf({ events: "Agent Status Changed", toStatus }).detail["status"];

    expect(statuses(["On break", "Lunch"])).toEqual({ name: ["On break", "Lunch"] });
    expect(statuses([{ id: "7" }])).toEqual({ id: ["7"] });
    expect(statuses(["On break", { id: "7" }])).toEqual({
      $or: [{ name: ["On break"] }, { id: ["7"] }],
    });
  });

  it("distinguishes the new status from the previous one", () => {
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

  it("matches the changed parts and the current status of an availability change", () => {
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

  it("matches several events with the filters that all of them have", () => {
    expect(
      patternOf({ events: ["Agent Removed", "Agent Status Changed"], accounts: ["42"] }),
    ).toEqual({
      source: ["freshworks.agent-availability"],
      "detail-type": ["Agent Removed", "Agent Status Changed"],
      detail: { metadata: { schemaVersion: [1] }, accountId: ["42"] },
    });
  });

  it("accepts a CDK token as an account", () => {
    const account = Lazy.string({ produce: () => "42" });

    expect(patternOf({ events: "Agent Removed", accounts: [account] }).detail).toEqual({
      metadata: { schemaVersion: [1] },
      accountId: [account],
    });
  });
});

const channel = { events: "Agent Channel Availability Changed" } as const;
const status = { events: "Agent Status Changed" } as const;
const removed = { events: "Agent Removed" } as const;
const login = { events: "Agent Login Changed" } as const;
const overrun = { events: "Agent Status Overrun" } as const;
const coverage = { events: "Channel Coverage Changed" } as const;
const several = { events: ["Agent Status Changed", "Agent Removed"] } as const;

describe("a selection that no event matches, or that a typo widens to all events", () => {
  const invalid: readonly (readonly [unknown, string])[] = [
    [
      // @ts-expect-error -- a channel event has no status
      { ...channel, toStatus: ["On break"] } satisfies EventSelection,
      "toStatus is not a filter of Agent Channel Availability Changed (allowed: accounts, agents, channels, available, wasAvailable). Create a separate rule for the events that have this filter.",
    ],
    [
      // @ts-expect-error -- a removal has no channel
      { ...removed, channels: ["freshdesk"] } satisfies EventSelection,
      "channels is not a filter of Agent Removed (allowed: accounts, agents, reason). Create a separate rule for the events that have this filter.",
    ],
    [
      // @ts-expect-error -- only one of the two has a status
      { ...several, toStatus: ["On break"] } satisfies EventSelection,
      "toStatus is not a filter of Agent Status Changed, Agent Removed (allowed: accounts, agents). Create a separate rule for the events that have this filter.",
    ],
    [
      // @ts-expect-error -- a login has no availability ID
      { ...login, agents: ["787096"] } satisfies EventSelection,
      "agents is not a filter of Agent Login Changed (allowed: accounts, users, loggedIn). Create a separate rule for the events that have this filter.",
    ],
    [
      // @ts-expect-error -- one of the two has no availability ID
      { events: [login.events, removed.events], agents: ["787096"] } satisfies EventSelection,
      "agents is not a filter of Agent Login Changed, Agent Removed (allowed: accounts). Create a separate rule for the events that have this filter.",
    ],
    [
      // @ts-expect-error -- must be a boolean
      { ...login, loggedIn: "yes" } satisfies EventSelection,
      'loggedIn must be true or false (got "yes")',
    ],
    [
      // @ts-expect-error -- only the known channels have coverage
      { ...coverage, channels: [{ name: "email" }] } satisfies EventSelection,
      'channels[0] must be one of freshdesk, freshchat, freshcaller (got {"name":"email"})',
    ],
    [
      // @ts-expect-error -- coverage has no agent
      { ...coverage, agents: ["787096"] } satisfies EventSelection,
      "agents is not a filter of Channel Coverage Changed (allowed: accounts, channels, covered, wasCovered). Create a separate rule for the events that have this filter.",
    ],
    [
      { ...coverage, covered: true, wasCovered: true } satisfies EventSelection,
      "covered and wasCovered must differ (got true for both)",
    ],
    [
      // @ts-expect-error -- minutes are numbers
      { ...overrun, limitMinutes: ["30"] } satisfies EventSelection,
      'limitMinutes[0] must be a positive whole number (got "30")',
    ],
    [
      { ...overrun, limitMinutes: [0.5] } satisfies EventSelection,
      "limitMinutes[0] must be a positive whole number (got 0.5)",
    ],
    [
      { ...login, users: [""] } satisfies EventSelection,
      'users[0] must be a non-empty string (got "")',
    ],
    [
      // @ts-expect-error -- no such reason
      { ...removed, reason: ["left"] } satisfies EventSelection,
      'reason[0] must be one of item-deleted, forgotten, deleted, merged (got "left")',
    ],
    [
      // @ts-expect-error -- must be a list
      { ...removed, reason: "deleted" } satisfies EventSelection,
      'reason must be a list with at least one value (got "deleted"). Omit the filter to match all values.',
    ],
    [
      // @ts-expect-error -- a status change has no reason
      { ...status, reason: ["deleted"] } satisfies EventSelection,
      "reason is not a filter of Agent Status Changed (allowed: accounts, agents, toStatus, fromStatus). Create a separate rule for the events that have this filter.",
    ],
    [
      // @ts-expect-error -- the filter is called channels
      { ...channel, chanels: ["freshdesk"] } satisfies EventSelection,
      "chanels is not a filter; filters of Agent Channel Availability Changed: accounts, agents, channels, available, wasAvailable",
    ],
    [
      // @ts-expect-error -- no such event
      { events: "Agent Went Home" } satisfies EventSelection,
      'events must be one or more of Agent Availability Changed, Agent Status Changed, Agent Channel Availability Changed, Agent Login Changed, Agent Removed, Agent Status Overrun, Channel Coverage Changed (got "Agent Went Home")',
    ],
    // @ts-expect-error -- events is required
    [{} satisfies EventSelection, "(got undefined)"],
    [{ events: [] } satisfies EventSelection, "events must be one or more of"],
    [
      // @ts-expect-error -- the channel is called freshcaller
      { ...channel, channels: ["phone"] } satisfies EventSelection,
      'channels[0] must be freshdesk, freshchat, freshcaller, or { name: "..." } for another channel (got "phone")',
    ],
    [
      // @ts-expect-error -- the field is called name
      { ...channel, channels: ["freshdesk", { nam: "whatsapp" }] } satisfies EventSelection,
      'channels[1] must be freshdesk, freshchat, freshcaller, or { name: "..." } for another channel (got {"nam":"whatsapp"})',
    ],
    [
      // @ts-expect-error -- must be a boolean
      { ...channel, available: "false" } satisfies EventSelection,
      'available must be true or false (got "false")',
    ],
    [
      // @ts-expect-error -- undefined, not null
      { ...channel, wasAvailable: null } satisfies EventSelection,
      "wasAvailable must be true or false (got null)",
    ],
    [
      { ...channel, available: true, wasAvailable: true } satisfies EventSelection,
      "available and wasAvailable must differ (got true for both)",
    ],
    [
      {
        ...status,
        toStatus: [{ id: "7" }],
        fromStatus: [{ id: "7" }],
      } satisfies EventSelection,
      'toStatus and fromStatus must differ (got {"id":"7"} for both)',
    ],
    [
      // @ts-expect-error -- the part is called loggedIn
      { events: "Agent Availability Changed", changed: ["login"] } satisfies EventSelection,
      'changed[0] must be one of status, loggedIn, channels, profile (got "login")',
    ],
    [
      // @ts-expect-error -- an ID is a string
      { ...status, toStatus: [{ id: 7 }] } satisfies EventSelection,
      'toStatus[0] must be the name of a status or { id: "..." } (got {"id":7})',
    ],
    [
      // @ts-expect-error -- must be a list
      { ...status, toStatus: "On break" } satisfies EventSelection,
      'toStatus must be a list with at least one value (got "On break"). Omit the filter to match all values.',
    ],
    [
      { ...status, toStatus: [] } satisfies EventSelection,
      "toStatus must be a list with at least one value (got []). Omit the filter to match all values.",
    ],
    [
      // @ts-expect-error -- an account is a string
      { ...removed, accounts: [11_010_177_632] } satisfies EventSelection,
      "accounts[0] must be a string of digits (got 11010177632)",
    ],
    [
      { ...removed, accounts: ["acme.freshdesk.com"] } satisfies EventSelection,
      'accounts[0] must be a string of digits (got "acme.freshdesk.com")',
    ],
    [
      { ...removed, agents: [" "] } satisfies EventSelection,
      'agents[0] must be a non-empty string (got " ")',
    ],
  ];

  it.each(invalid)("is rejected at run time: %j", (selection, message) => {
    expect(() => patternOf(selection as EventSelection)).toThrow(message);
  });

  it("is not one of two equal status names, because two statuses can have the same name", () => {
    expect(() =>
      patternOf({ ...status, toStatus: ["On break"], fromStatus: ["On break"] }),
    ).not.toThrow();
  });
});

describe("a long pattern", () => {
  const accounts = (count: number) =>
    Array.from({ length: count }, (_, index) => String(11_010_177_632 + index));

  it("is recognized if it exceeds the default quota", () => {
    const pattern = (count: number) =>
      patternOf({ events: "Agent Removed", accounts: accounts(count) });

    expect(exceedsDefaultQuota(pattern(130))).toBe(false);
    expect(exceedsDefaultQuota(pattern(150))).toBe(true);
  });

  it("is rejected if it exceeds EventBridge's limit", () => {
    expect(() => patternOf({ events: "Agent Removed", accounts: accounts(300) })).toThrow(
      "the rule's pattern must be at most 4096 characters long (got 4334). Create several rules with fewer values each.",
    );
  });
});
