import { describe, expect, it } from "@jest/globals";

import type { StatusLimit } from "../../functions/availability/overrun.ts";
import { createRandom, type Random } from "../chaos/seeded-random.ts";
import {
  statusMessage,
  type SupervisedItem,
  supervisedAgents,
} from "../builders/supervised-agents.ts";

const MINUTE = 60_000;
const DAY = Date.parse("2026-11-24T00:00:00.000Z");

const limits: readonly StatusLimit[] = [
  { status: "On break", minutes: 15 },
  { status: "232", minutes: 30 },
  { status: " lunch", minutes: 5 },
  { status: "Lunch", minutes: 60 },
];

/** `SIMULATED_AGENTS=50000` simulates the number of agents in docs/evidence/scale.md, which takes minutes. */
const AGENTS = Number(process.env["SIMULATED_AGENTS"] ?? "5000");
const BREAKS = 6;

/** Number of agents who are simulated together. Agents are independent, so the groups run one after the other. */
const GROUP = 1000;

/** A schedule fires at most this late, and an event arrives at most this late. */
const MAX_DELAY = 7 * MINUTE;

/** No break ends this soon after a limit, because a schedule fires up to a minute later if its time is near. */
const MAX_LATENESS = MAX_DELAY + MINUTE;

/** A time at which an agent enters a status, in epoch milliseconds. */
interface Step {
  readonly at: number;
  readonly id: "1" | "232" | "233";
}

const names = { 1: "Available", 232: "On break", 233: "Lunch" } as const;
const minutesOf = { 1: [], 232: [15, 30], 233: [5, 60] } as const;

/** A scheduled action of the simulation. */
interface Moment {
  readonly at: number;
  readonly run: () => Promise<void> | void;
}

/** Runs moments in the order of their times; a moment may add others. */
function createTimeline(clock: { now: number }) {
  const later = new Map<number, Moment[]>();
  const second = (at: number) => Math.floor(at / 1000);
  let last = 0;
  return {
    add(at: number, run: Moment["run"]): void {
      // An overdue action runs now.
      const time = Math.max(at, clock.now);
      const moments = later.get(second(time)) ?? [];
      moments.push({ at: time, run });
      later.set(second(time), moments);
      last = Math.max(last, second(time));
    },

    async run(): Promise<void> {
      for (let now = Math.min(...later.keys()); now <= last; now += 1) {
        for (;;) {
          const moments = later.get(now) ?? [];
          const [next] = moments.toSorted((one, other) => one.at - other.at);
          if (next === undefined) {
            break;
          }
          moments.splice(moments.indexOf(next), 1);
          clock.now = next.at;
          await next.run();
        }
        later.delete(now);
      }
    },
  };
}

const secondsFrom = (random: Random, from: number, to: number) =>
  1000 * Math.floor((from + random.next() * (to - from)) / 1000);

/** A day of an agent: six breaks, some too long, some within the same second, and some immediately after another. */
function aDay(random: Random): Step[] {
  const steps: Step[] = [];
  let time = DAY + 8 * 60 * MINUTE + secondsFrom(random, 0, 20 * MINUTE);
  for (let breaks = 0; breaks < BREAKS; breaks += 1) {
    const id = random.next() < 0.3 ? "233" : "232";
    const kind = random.next();
    steps.push({ at: time, id });
    if (kind < 0.1) {
      // Another limited status within the same second.
      steps.push({ at: time, id: id === "232" ? "233" : "232" });
    } else if (kind < 0.2) {
      // The same status again, just before its first limit.
      time += secondsFrom(random, 13 * MINUTE, 14.9 * MINUTE);
      steps.push({ at: time - 1000, id: "1" }, { at: time, id });
    }
    const stay = random.next();
    if (stay < 0.5) {
      time += secondsFrom(random, 1000, 4.9 * MINUTE);
    } else if (stay < 0.75) {
      time += secondsFrom(random, 15 * MINUTE + MAX_LATENESS + 1000, 29.9 * MINUTE);
    } else {
      time += secondsFrom(random, 60 * MINUTE + MAX_LATENESS + 1000, 90 * MINUTE);
    }
    steps.push({ at: time, id: "1" });
    time += secondsFrom(random, 1000, 40 * MINUTE);
  }
  return steps;
}

const idOf = (
  key: Pick<SupervisedItem, "accountId" | "availabilityId">,
  step: Step,
  limit: number,
) =>
  [
    key.accountId,
    key.availabilityId,
    step.id,
    new Date(step.at).toISOString(),
    "AgentStatusOverrun",
    limit,
  ].join("/");

/** The overruns of a day, calculated from its steps alone. */
function expectedIds(
  key: Pick<SupervisedItem, "accountId" | "availabilityId">,
  day: readonly Step[],
) {
  return day.flatMap((step, index) => {
    const left = day[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    return minutesOf[step.id]
      .filter((limit) => left - step.at >= limit * MINUTE)
      .map((limit) => idOf(key, step, limit));
  });
}

/** Number of disturbances of each kind. */
const counts = { overruns: 0, twice: 0, late: 0, early: 0, lateEvents: 0 };

type Agents = ReturnType<typeof supervisedAgents>;
type Timeline = ReturnType<typeof createTimeline>;

/** Fires a schedule as a faulty Scheduler would: on time, late, up to a minute early, or twice. */
function fire(
  agents: Agents,
  timeline: Timeline,
  random: Random,
  schedule: { at: number; message: string },
) {
  const kind = random.next();
  const times = [schedule.at];
  if (kind < 0.1) {
    counts.early += 1;
    times[0] = schedule.at - secondsFrom(random, 1000, MINUTE);
  } else if (kind < 0.3) {
    counts.late += 1;
    times[0] = schedule.at + secondsFrom(random, 1000, MAX_DELAY);
  }
  if (random.next() < 0.1) {
    counts.twice += 1;
    times.push((times[0] ?? 0) + secondsFrom(random, 0, MAX_DELAY));
  }
  for (const at of times) {
    timeline.add(at, async () => {
      await agents.deliver(schedule.message);
    });
  }
}

/** Simulates a day of a group of agents. @returns the expected IDs and the published ones. */
async function simulate(group: number): Promise<{ expected: string[]; published: string[] }> {
  const random = createRandom(group + 1);
  const agents = supervisedAgents(limits);
  agents.clock.now = DAY;
  const timeline = createTimeline(agents.clock);
  agents.onSchedule = (schedule) => {
    fire(agents, timeline, random, schedule);
  };
  const expected: string[] = [];
  for (let index = 0; index < GROUP; index += 1) {
    const key = { accountId: "42", availabilityId: String(group * GROUP + index) };
    const day = aDay(random);
    expected.push(...expectedIds(key, day));
    for (const step of day) {
      const status = { id: step.id, name: names[step.id], since: new Date(step.at).toISOString() };
      const item = { ...key, status };
      timeline.add(step.at, () => {
        agents.store(item);
        const isLate = random.next() < 0.02;
        counts.lateEvents += isLate ? 1 : 0;
        const delay = isLate ? secondsFrom(random, MINUTE, MAX_DELAY) : random.next() * 1000;
        const copies = random.next() < 0.05 ? 2 : 1;
        for (let copy = 0; copy < copies; copy += 1) {
          timeline.add(agents.clock.now + delay * (copy + 1) * 0.5, async () => {
            await agents.deliver(statusMessage(item));
          });
        }
      });
    }
  }
  await timeline.run();
  return { expected, published: agents.publishedIds() };
}

describe(`${AGENTS} agents with ${BREAKS} breaks each, on a simulated clock`, () => {
  const groups = Array.from({ length: AGENTS / GROUP }, (_, index) => index);

  it.each(groups)(
    "overrun each limit that they reach, with one event ID: group %d",
    async (group) => {
      const { expected, published } = await simulate(group);
      counts.overruns += expected.length;

      expect([...new Set(published)].toSorted()).toEqual(expected.toSorted());
    },
  );

  it("are affected by every kind of disturbance hundreds of times", () => {
    expect(counts.overruns).toBeGreaterThan(2 * AGENTS);
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(500);
  });
});
