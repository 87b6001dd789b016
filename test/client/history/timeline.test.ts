import { describe, expect, it } from "@jest/globals";

import { timelineOf, type PersonHistory } from "../../../client/history/timeline.ts";
import { positionedFactsOf } from "../../../functions/availability/history.ts";
import type { AgentState } from "../../../functions/availability/state.ts";
import {
  aStoredAgent,
  aStoredSession,
  aStoredTombstone,
  aStoredUser,
  USER_ID,
} from "../../builders/stored-items.ts";
import { at, isoAt, rowsOf } from "./some-rows.ts";

const NOTHING: PersonHistory = {
  availability: { rows: [] },
  user: { rows: [] },
  session: { rows: [] },
};

/** An availability item after an event at the given time. */
const agent = (time: string, version: number, overrides: Partial<AgentState> = {}) =>
  aStoredAgent({ updatedAt: isoAt(time), version, ...overrides });

const status = (id: string, time: string) => ({ id, name: `status ${id}`, since: isoAt(time) });
const channels = (freshdesk: boolean, freshchat: boolean) => ({
  freshdesk: { available: freshdesk },
  freshchat: { available: freshchat },
});

/** Formats a timeline as one text per interval: time, status, open channels, login state. */
function lines(history: Partial<PersonHistory>, from = "08:00", to = "20:00"): string[] {
  const period = { from: at(from), to: at(to) };
  return timelineOf({ ...NOTHING, ...history }, period).map((interval) => {
    const time = `${new Date(interval.from).toISOString().slice(11, 16)}-${new Date(interval.to).toISOString().slice(11, 16)}`;
    if (interval.unknown) {
      return `${time} unknown`;
    }
    const open = Object.entries(interval.channels).flatMap(([name, isOpen]) =>
      isOpen ? [name] : [],
    );
    return `${time} ${interval.status?.id ?? "none"} [${open.join(" ")}] ${String(interval.loggedIn)}`;
  });
}

const day = [
  agent("09:00", 1, { status: status("1", "09:00"), channels: channels(true, false) }),
  agent("12:00", 2, { status: status("2", "12:00"), channels: channels(false, false) }),
  agent("13:00", 3, { status: status("1", "13:00"), channels: channels(true, true) }),
];

describe("the timeline of an agent", () => {
  it("is unknown at first, has an interval for each state, and includes the open interval", () => {
    expect(lines({ availability: { rows: rowsOf(day) } })).toEqual([
      "08:00-09:00 unknown",
      "09:00-12:00 1 [freshdesk] true",
      "12:00-13:00 2 [] true",
      "13:00-20:00 1 [freshdesk freshchat] true",
    ]);
  });

  it("shows the state at the start of the period, even if it changed long before", () => {
    expect(lines({ availability: { rows: rowsOf(day) } }, "11:00", "12:30")).toEqual([
      "11:00-12:00 1 [freshdesk] true",
      "12:00-12:30 2 [] true",
    ]);
  });

  it("shows the state before the first change that was read, from the time at which that state began", () => {
    const [, second] = rowsOf(day);

    expect(lines({ availability: { rows: second ? [second] : [] } })).toEqual([
      "08:00-09:00 unknown",
      "09:00-12:00 1 [freshdesk] true",
      "12:00-20:00 2 [] true",
    ]);
  });

  it("merges adjacent intervals that do not differ", () => {
    const renamed = agent("14:00", 4, { ...day[2], version: 4, updatedAt: isoAt("14:00") });

    expect(lines({ availability: { rows: rowsOf([...day, renamed]) } }, "13:00")).toEqual([
      "13:00-20:00 1 [freshdesk freshchat] true",
    ]);
  });

  it("does not depend on the order of the rows or on repeated rows", () => {
    const rows = rowsOf(day);

    expect(lines({ availability: { rows: [...rows.toReversed(), ...rows] } })).toEqual(
      lines({ availability: { rows } }),
    );
  });

  it("is unknown from the last known change to the change that reveals a gap", () => {
    const changeAfterGap = agent("12:00", 2, {
      status: status("2", "12:00"),
      reportedPrevious: { statusId: "3" },
    });

    expect(lines({ availability: { rows: rowsOf([...day.slice(0, 1), changeAfterGap]) } })).toEqual(
      ["08:00-12:00 unknown", "12:00-20:00 2 [freshdesk freshchat] true"],
    );
  });

  it("is unknown at the end of a period if a change after it reveals a gap", () => {
    const changeAfterGap = agent("18:00", 4, { reportedPrevious: { statusId: "3" } });

    expect(
      lines({ availability: { rows: rowsOf([...day, changeAfterGap]) } }, "12:00", "14:00"),
    ).toEqual(["12:00-13:00 2 [] true", "13:00-14:00 unknown"]);
  });

  it("is unknown after a missing change, until the start of the state that the next change replaced", () => {
    const later = agent("15:00", 4, { status: status("4", "15:00"), channels: {} });
    const rows = rowsOf([...day, later]).filter(({ version }) => version !== 3);

    expect(lines({ availability: { rows } })).toEqual([
      "08:00-09:00 unknown",
      "09:00-12:00 1 [freshdesk] true",
      "12:00-13:00 unknown",
      "13:00-15:00 1 [freshdesk freshchat] true",
      "15:00-20:00 4 [] true",
    ]);
  });

  it("shows the state of the table if nothing has changed since the history began", () => {
    const current = positionedFactsOf(agent("09:00", 7));

    expect(lines({ availability: { rows: [], current } })).toEqual([
      "08:00-09:00 unknown",
      "09:00-20:00 7 [freshdesk freshchat] true",
    ]);
  });

  it("is unknown if the table has changed and the history has not yet recorded the change", () => {
    const rows = rowsOf(day);
    const current = positionedFactsOf(agent("16:00", 6, { status: status("5", "16:00") }));

    expect(lines({ availability: { rows, current } }, "12:00")).toEqual([
      "12:00-13:00 2 [] true",
      "13:00-16:00 unknown",
      "16:00-20:00 5 [freshdesk freshchat] true",
    ]);
    const last = day[2] ? positionedFactsOf(day[2]) : undefined;
    expect(lines({ availability: { rows, current: last } })).toEqual(
      lines({ availability: { rows } }),
    );
  });

  it("is unknown after a removal, until the first event after it", () => {
    const removed = { ...aStoredTombstone("787096", "deleted", isoAt("14:00")), version: 4 };
    const again = agent("16:00", 5);

    expect(lines({ availability: { rows: rowsOf([...day, removed, again]) } }, "13:00")).toEqual([
      "13:00-14:00 1 [freshdesk freshchat] true",
      "14:00-16:00 unknown",
      "16:00-20:00 7 [freshdesk freshchat] true",
    ]);
  });

  it("is unknown before an agent is first seen again if the removal is missing", () => {
    const removed = { ...aStoredTombstone("787096", "deleted", isoAt("14:00")), version: 4 };
    const rows = rowsOf([...day, removed, agent("16:00", 5)]).filter(
      ({ version }) => version !== 4,
    );

    expect(lines({ availability: { rows } }, "13:00")).toEqual([
      "13:00-16:00 unknown",
      "16:00-20:00 7 [freshdesk freshchat] true",
    ]);
  });
});

describe("a change that was stored late", () => {
  const repaired = agent("09:00", 2, {
    status: status("3", "10:05"),
    channels: channels(true, false),
    origin: "reconcile",
    reconciledAt: isoAt("10:05"),
  });
  // It was raised before the repair, and opens chat. The repair knows the status better.
  const late = agent("10:00", 3, {
    status: repaired.status,
    channels: channels(true, true),
    reconciledAt: isoAt("10:05"),
  });
  const rows = rowsOf([
    agent("09:00", 1, { status: status("1", "09:00"), channels: channels(true, false) }),
    repaired,
    late,
  ]);
  const expected = [
    "08:00-09:00 unknown",
    "09:00-10:00 1 [freshdesk] true",
    "10:00-10:05 unknown",
    "10:05-20:00 3 [freshdesk freshchat] true",
  ];

  it("takes effect at its own time, and does not reset facts of a newer change", () => {
    expect(lines({ availability: { rows } })).toEqual(expected);
  });

  it("has the same effect in any order of the rows", () => {
    expect(lines({ availability: { rows: rows.toReversed() } })).toEqual(expected);
  });
});

describe("the items of one person", () => {
  const availability = { rows: rowsOf(day) };

  it("have the newer login state of the session and the availability event", () => {
    const session = {
      rows: rowsOf([
        aStoredSession({ updatedAt: isoAt("08:30"), version: 1 }),
        aStoredSession({ updatedAt: isoAt("12:30"), version: 2, loggedIn: false }),
      ]),
    };

    expect(lines({ availability, session })).toEqual([
      "08:00-09:00 unknown",
      "09:00-12:00 1 [freshdesk] true",
      "12:00-12:30 2 [] true",
      "12:30-13:00 2 [] false",
      "13:00-20:00 1 [freshdesk freshchat] true",
    ]);
  });

  it("keep the past unchanged when a session is confirmed", () => {
    const event = agent("09:00", 1, { loggedIn: false });
    const session = {
      rows: rowsOf([
        aStoredSession({ updatedAt: isoAt("08:30"), version: 1, since: isoAt("08:30") }),
        aStoredSession({ updatedAt: isoAt("10:10"), version: 2, since: isoAt("08:30") }),
      ]),
    };

    expect(lines({ availability: { rows: rowsOf([event]) }, session }, "09:00")).toEqual([
      "09:00-10:10 7 [freshdesk freshchat] false",
      "10:10-20:00 7 [freshdesk freshchat] true",
    ]);
  });

  it("have no login state while a login or logout is missing", () => {
    const sessions = [
      aStoredSession({ updatedAt: isoAt("09:00"), version: 1 }),
      aStoredSession({ updatedAt: isoAt("10:00"), version: 2, loggedIn: false }),
      aStoredSession({ updatedAt: isoAt("11:00"), version: 3 }),
    ];
    const session = { rows: rowsOf(sessions).filter(({ version }) => version !== 2) };

    expect(lines({ availability, session }, "09:00", "12:00")).toEqual([
      "09:00-10:00 1 [freshdesk] undefined",
      "10:00-11:00 1 [freshdesk] false",
      "11:00-12:00 1 [freshdesk] true",
    ]);
  });

  it("are shown as the user: item until the availability item exists, but not while changes to the availability item are missing", () => {
    const users = [
      aStoredUser({ updatedAt: isoAt("08:10"), version: 1 }),
      { ...aStoredTombstone(`user:${USER_ID}`, "merged", isoAt("09:10")), version: 2 },
    ];
    const changeAfterGap = agent("12:00", 2, { reportedPrevious: { statusId: "3" } });

    expect(
      lines({
        availability: { rows: rowsOf([...day.slice(0, 1), changeAfterGap]) },
        user: { rows: rowsOf(users) },
      }),
    ).toEqual([
      "08:00-08:10 unknown",
      "08:10-09:00 7 [freshdesk] undefined",
      "09:00-12:00 unknown",
      "12:00-20:00 7 [freshdesk freshchat] true",
    ]);
  });

  it("are unknown for a person who has only a session", () => {
    const session = { rows: rowsOf([aStoredSession()]) };

    expect(lines({ session })).toEqual(["08:00-20:00 unknown"]);
  });
});
