import { describe, expect, it } from "@jest/globals";

import {
  dueAtOf,
  dueTimesOf,
  isOverrun,
  overrunEvent,
  type StatusLimit,
} from "../../functions/availability/overrun.ts";
import type { AgentState } from "../../functions/availability/state.ts";

const since = "2026-11-24T09:30:00.000Z";

const agent: AgentState = {
  accountId: "42",
  availabilityId: "7",
  userId: "72",
  epoch: 1000,
  version: 5,
  updatedAt: since,
  eventTimestamp: 1,
  contentHash: "a",
  receivedAt: since,
  origin: "relay",
  domain: "acme.freshdesk.com",
  region: "US",
  name: "Rachel",
  email: "rachel@acme.com",
  status: { id: "232", name: "On break", since },
  channels: { freshchat: { available: false, agentId: "3282" } },
  since: {},
};

const due = { accountId: "42", availabilityId: "7", statusId: "232", since, limitMinutes: 15 };

/** Returns the minutes of the limits that apply to an agent. */
const minutesOf = (limits: readonly StatusLimit[], stored: AgentState = agent) =>
  dueTimesOf(limits, stored).map(({ limitMinutes }) => limitMinutes);

const inStatus = (status: AgentState["status"]): AgentState => ({ ...agent, status });

describe("a limit", () => {
  it("is due once its minutes have passed since the agent entered the status", () => {
    const [dueTime] = dueTimesOf([{ status: "On break", minutes: 15 }], agent);

    expect(dueTime).toEqual(due);
    expect(new Date(dueAtOf(due)).toISOString()).toBe("2026-11-24T09:45:00.000Z");
  });

  it.each(["On break", "on break", "ONBREAK", " On  break", "232"])(
    "of the status %j applies to the status On break with ID 232",
    (status) => {
      expect(minutesOf([{ status, minutes: 15 }])).toEqual([15]);
    },
  );

  it.each(["break", "On breaks", "23", "2 32", ""])(
    "of the status %j does not apply to the status On break with ID 232",
    (status) => {
      expect(minutesOf([{ status, minutes: 15 }])).toEqual([]);
    },
  );

  it("by name applies to a name in another Unicode form", () => {
    const decomposed = inStatus({ id: "9", name: "Cafe\u0301", since });

    expect(minutesOf([{ status: "caf\u00e9", minutes: 15 }], decomposed)).toEqual([15]);
  });

  it("does not apply if the time at which the agent entered the status is unknown", () => {
    expect(minutesOf([{ status: "232", minutes: 15 }], inStatus({ id: "232" }))).toEqual([]);
    expect(minutesOf([{ status: "232", minutes: 15 }], inStatus(undefined))).toEqual([]);
  });

  it("by name does not apply to a status without a name", () => {
    expect(minutesOf([{ status: "On break", minutes: 1 }], inStatus({ id: "232", since }))).toEqual(
      [],
    );
  });

  it("applies in addition to other limits of the status, once for the same minutes", () => {
    const limits = [
      { status: "On break", minutes: 15 },
      { status: "232", minutes: 30 },
      { status: "232", minutes: 15 },
      { status: "Lunch", minutes: 60 },
    ];

    expect(minutesOf(limits)).toEqual([15, 30]);
  });

  it("of the account replaces those of all accounts for this status", () => {
    const limits = [
      { status: "On break", minutes: 15 },
      { status: "232", minutes: 20, accountId: "42" },
      { status: "On break", minutes: 25, accountId: "13" },
    ];

    expect(minutesOf(limits)).toEqual([20]);
    expect(minutesOf(limits, { ...agent, accountId: "13" })).toEqual([25]);
    expect(minutesOf(limits, { ...agent, accountId: "1" })).toEqual([15]);
  });
});

describe("an agent", () => {
  const limits = [{ status: "On break", minutes: 15 }];

  it("overruns a limit if status ID and since are unchanged, even if other facts have changed", () => {
    const changed = { ...agent, version: 9, channels: {}, loggedIn: false };

    expect(isOverrun(due, changed, limits)).toBe(true);
    expect(isOverrun(due, inStatus({ id: "232", name: "on Break", since }), limits)).toBe(true);
  });

  it.each([
    ["has left the status", inStatus({ id: "1", name: "On break", since })],
    [
      "has returned to the status",
      inStatus({ id: "232", name: "On break", since: "2026-11-24T09:40:00.000Z" }),
    ],
    ["has no known status", inStatus(undefined)],
    ["was removed", undefined],
  ])("does not overrun a limit if the agent %s", (_reason, stored) => {
    expect(isOverrun(due, stored, limits)).toBe(false);
  });

  it.each([
    ["was removed", []],
    ["has different minutes now", [{ status: "On break", minutes: 16 }]],
    ["applies to another account now", [{ status: "On break", minutes: 15, accountId: "13" }]],
  ])("does not overrun a limit that %s", (_reason, now) => {
    expect(isOverrun(due, agent, now)).toBe(false);
  });
});

describe("the event of an overrun", () => {
  it("contains status, limit and the version of the agent's newest change", () => {
    expect(overrunEvent(due, agent, { personalData: false })).toEqual({
      detailType: "Agent Status Overrun",
      detail: {
        metadata: {
          id: "42/7/232/2026-11-24T09:30:00.000Z/AgentStatusOverrun/15",
          schemaVersion: 1,
          epoch: 1000,
          version: 5,
          occurredAt: "2026-11-24T09:45:00.000Z",
          origin: "supervision",
          gap: false,
          domain: "acme.freshdesk.com",
          region: "US",
        },
        accountId: "42",
        agent: { availabilityId: "7", userId: "72", ids: { freshchat: "3282" } },
        status: { id: "232", name: "On break", since: "2026-11-24T09:30:00.000Z" },
        limitMinutes: 15,
        overdueSince: "2026-11-24T09:45:00.000Z",
      },
    });
  });

  it("contains name and email address only if the stage publishes personal data", () => {
    expect(overrunEvent(due, agent, { personalData: true }).detail.agent).toMatchObject({
      name: "Rachel",
      email: "rachel@acme.com",
    });
  });
});
