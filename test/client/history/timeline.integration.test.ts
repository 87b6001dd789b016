import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { timesPerDay } from "../../../client/history/time-in.ts";
import {
  type PersonHistory,
  timelineOf,
  type TimelineInterval,
} from "../../../client/history/timeline.ts";
import type { AgentState, SessionState } from "../../../functions/availability/state.ts";
import { aStoredAgent, aStoredSession } from "../../builders/stored-items.ts";
import { rowsOf } from "./some-rows.ts";

const START = Date.parse("2026-03-27T00:00:00.000Z");
const END = Date.parse("2026-04-06T00:00:00.000Z");
const NAMES = ["freshdesk", "freshchat", "freshcaller", "constructor"];

/** An event of Freshdesk, and whether the hub received it. */
interface RaisedEvent {
  readonly time: number;
  readonly isLost: boolean;
  readonly status: string;
  readonly open: readonly boolean[];
  readonly isLogin: boolean;
  readonly loggedIn: boolean;
}

const raisedEvents = fc
  .uniqueArray(
    fc.record<RaisedEvent>({
      time: fc.integer({ min: 0, max: (END - START) / 1000 - 1 }).map((s) => START + s * 1000),
      isLost: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.boolean()),
      status: fc.constantFrom("1", "2", "3"),
      open: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
      isLogin: fc.boolean(),
      loggedIn: fc.boolean(),
    }),
    { maxLength: 30, selector: ({ time }) => time },
  )
  .map((events) => events.toSorted((one, other) => one.time - other.time));

const iso = (time: number) => new Date(time).toISOString();
const loginAt = (events: readonly RaisedEvent[], time: number) =>
  events.findLast((event) => event.isLogin && event.time <= time)?.loggedIn;
const openOf = ({ open }: RaisedEvent) =>
  NAMES.map((name, index) => [name, open[index] ?? false] as const);

/** The rows of the events that the hub received. Each availability event also reports the previous status. */
function historyOf(events: readonly RaisedEvent[]): PersonHistory {
  const changes = events.filter(({ isLogin }) => !isLogin);
  const agents = changes.flatMap((event, index): AgentState[] => {
    const previous = changes[index - 1];
    return event.isLost
      ? []
      : [
          aStoredAgent({
            updatedAt: iso(event.time),
            status: { id: event.status, name: event.status, since: iso(event.time) },
            channels: Object.fromEntries(
              openOf(event).map(([name, available]) => [name, { available }]),
            ),
            loggedIn: loginAt(events, event.time),
            reportedPrevious: previous && {
              statusId: previous.status,
              statusSince: iso(previous.time),
            },
          }),
        ];
  });
  const sessions = events
    .filter(({ isLogin, isLost }) => isLogin && !isLost)
    .map(({ time, loggedIn }): SessionState =>
      aStoredSession({ updatedAt: iso(time), since: iso(time), loggedIn }),
    );
  const counted = <Item extends AgentState | SessionState>(items: readonly Item[]) =>
    items.map((item, index) => ({ ...item, version: index + 1 }));
  return {
    availability: { rows: rowsOf(counted(agents)) },
    user: { rows: [] },
    session: { rows: rowsOf(counted(sessions)) },
  };
}

/** The reference model: the known state at the given time, from the raised events and those that were lost. */
function knownAt(events: readonly RaisedEvent[], time: number) {
  const changes = events.filter(({ isLogin }) => !isLogin);
  const last = changes.findLastIndex((event) => !event.isLost && event.time <= time);
  const event = changes[last];
  // A loss is revealed by the next received event. Until then it looks as if nothing had changed.
  const isRevealed =
    changes[last + 1]?.isLost === true &&
    changes.slice(last).some((each, index) => index > 0 && !each.isLost);
  if (event === undefined || isRevealed) {
    return { channels: {}, unknown: true };
  }
  const session = events.findLast((each) => each.isLogin && !each.isLost && each.time <= time);
  return {
    status: { id: event.status, name: event.status },
    channels: Object.fromEntries(openOf(event)),
    loggedIn:
      session && session.time > event.time
        ? session.loggedIn
        : (loginAt(events, event.time) ?? session?.loggedIn),
    unknown: false,
  };
}

const PERIOD = { from: START, to: END };
const stateOf = ({ from: _from, to: _to, ...state }: TimelineInterval) => state;

const zones = fc.constantFrom(
  "UTC",
  "Europe/Berlin",
  "America/Havana",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "Pacific/Chatham",
  "Pacific/Kiritimati",
);

describe("the timeline of random histories", () => {
  it("matches the events that Freshdesk raised, to the millisecond, and is unknown where events were lost", () => {
    fc.assert(
      fc.property(raisedEvents, (events) => {
        const intervals = timelineOf(historyOf(events), PERIOD);
        const times = [START, ...events.flatMap(({ time }) => [time - 1, time])];
        for (const time of times.filter((each) => each >= START)) {
          const found = intervals.find(({ from, to }) => from <= time && time < to);
          expect(found && stateOf(found)).toEqual(knownAt(events, time));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("covers the period without overlaps or gaps, and adjacent intervals differ", () => {
    fc.assert(
      fc.property(raisedEvents, (events) => {
        const intervals = timelineOf(historyOf(events), PERIOD);

        expect([START, ...intervals.map(({ to }) => to)]).toEqual([
          ...intervals.map(({ from }) => from),
          END,
        ]);
        expect(intervals.every(({ from, to }) => from < to)).toBe(true);
        for (const [index, interval] of intervals.slice(1).entries()) {
          expect(stateOf(interval)).not.toEqual(stateOf(intervals[index] ?? interval));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is the same for rows in any order and rows that occur twice", () => {
    const shuffled = raisedEvents.chain((events) => {
      const history = historyOf(events);
      const { rows } = history.availability;
      return fc.record({
        history: fc.constant(history),
        rows: fc.shuffledSubarray([...rows, ...rows], { minLength: 2 * rows.length }),
      });
    });

    fc.assert(
      fc.property(shuffled, ({ history, rows }) => {
        expect(timelineOf({ ...history, availability: { rows } }, PERIOD)).toEqual(
          timelineOf(history, PERIOD),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("adds up to the length of each day in every time zone, and has the same totals if it is read in two parts", () => {
    const middle = fc.integer({ min: START + 1, max: END - 1 });

    fc.assert(
      fc.property(raisedEvents, zones, middle, (events, zone, split) => {
        const history = historyOf(events);
        const totals = (from: number, to: number) =>
          timesPerDay(timelineOf(history, { from, to }), { from, to }, zone);
        const whole = totals(START, END);
        const parts = [...totals(START, split), ...totals(split, END)];

        for (const day of whole) {
          const statuses = day.statuses.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
          expect(statuses + day.unknown).toBe(Date.parse(day.to) - Date.parse(day.from));
        }
        expect(whole[0]?.from).toBe(iso(START));
        expect(whole.at(-1)?.to).toBe(iso(END));
        expect(whole.slice(1).map(({ from }) => from)).toEqual(
          whole.slice(0, -1).map(({ to }) => to),
        );
        const sumOf = (days: typeof whole, id: string) =>
          days
            .flatMap(({ statuses }) => statuses)
            .filter((each) => each.id === id)
            .reduce((sum, { milliseconds }) => sum + milliseconds, 0);
        for (const id of ["1", "2", "3"]) {
          expect(sumOf(parts, id)).toBe(sumOf(whole, id));
        }
        const loggedIn = (days: typeof whole) => days.reduce((sum, day) => sum + day.loggedIn, 0);
        expect(loggedIn(parts)).toBe(loggedIn(whole));
      }),
      { numRuns: 200 },
    );
  });
});
