import { coverageEvent } from "../../functions/availability/coverage-event.ts";
import type { SupervisionEvent } from "../../functions/availability/typed-event.ts";
import { type DueTime, overrunEvent } from "../../functions/availability/overrun.ts";
import { isAgent } from "../../functions/availability/state.ts";
import { readItem } from "../../functions/store/read-item.ts";
import { createMemory } from "./memory.ts";
import { deliveries, at, onBreak, USER_ID, working } from "./situations.ts";

export interface SupervisionExample {
  readonly name: string;
  readonly summary: string;
  readonly event: SupervisionEvent;
  /** ISO 8601 UTC. */
  readonly publishedAt: string;
}

/** The state of the agent, who went on break at 09:30 and whose user ID is known. */
function agentOnBreak() {
  const memory = createMemory(true);
  const steps = [
    ...deliveries(working, onBreak),
    { kind: "identification", userId: USER_ID, at: at("09:35:00") } as const,
  ];
  const [last] = steps.flatMap((step) => memory.apply(step)).toReversed();
  const state = last?.after && readItem(last.after);
  if (state === undefined || !isAgent(state)) {
    throw new Error("the steps must leave an agent");
  }
  return state;
}

function overrun(limitMinutes: number, personalData: boolean): SupervisionEvent {
  const state = agentOnBreak();
  const { accountId, availabilityId, status } = state;
  const due: DueTime = {
    accountId,
    availabilityId,
    statusId: status?.id ?? "",
    since: status?.since ?? "",
    limitMinutes,
  };
  return overrunEvent(due, state, { personalData });
}

const coverage = {
  accountId: "11010177632",
  channel: "freshcaller",
  minimum: 2,
  epoch: Date.parse(at("07:00:00")),
};

export const supervisionExamples: readonly SupervisionExample[] = [
  {
    name: "too long on break",
    summary: "The agent has been on break for 15 minutes, which is the limit",
    event: overrun(15, false),
    publishedAt: at("09:45:00"),
  },
  {
    name: "second limit",
    summary: "The agent has been on break for 30 minutes, which is another limit of the status",
    event: overrun(30, false),
    publishedAt: at("10:00:00"),
  },
  {
    name: "too long on break, with personal data",
    summary:
      "The agent has been on break for 15 minutes; the stage sets personalDataInEvents: true",
    event: overrun(15, true),
    publishedAt: at("09:45:00"),
  },
  {
    name: "start of the opening hours",
    summary: "The opening hours begin, and enough agents are available for phone calls",
    event: coverageEvent({
      ...coverage,
      version: 1,
      covered: true,
      available: 2,
      since: at("08:00:10"),
    }),
    publishedAt: at("08:00:10"),
  },
  {
    name: "too few",
    summary: "Only one agent is still available for phone calls; the minimum is two",
    event: coverageEvent({
      ...coverage,
      version: 2,
      covered: false,
      available: 1,
      since: at("09:30:10"),
      previous: { covered: true, durationMs: 5_400_000 },
    }),
    publishedAt: at("09:30:10"),
  },
  {
    name: "enough again",
    summary: "Two agents are available for phone calls again",
    event: coverageEvent({
      ...coverage,
      version: 3,
      covered: true,
      available: 2,
      since: at("09:45:10"),
      previous: { covered: false, durationMs: 900_000 },
    }),
    publishedAt: at("09:45:10"),
  },
];
