import type { Chance } from "./random.ts";

/** What is sent in one request, and everything that was answered to it. */
export interface Delivery {
  /** `webhook-id`: the same at every attempt. */
  readonly id: string;
  readonly payloads: readonly object[];
  /** Whether it is sent as a list, as a relay that catches up does. */
  readonly isList: boolean;
  readonly attempts: Attempt[];
}

/** One attempt to deliver. */
export interface Attempt {
  /** 0 when there was no answer. */
  readonly status: number;
  /** How long the answer took. */
  readonly milliseconds: number;
  readonly results: readonly Result[];
}

/** What the hub says became of one event. */
export interface Result {
  readonly outcome: string;
  readonly version: number;
}

/** How much is to happen. */
export interface HistoryOptions {
  readonly accountId: string;
  /** @default 8 */
  readonly agents?: number;
  /** Changes of each. @default 8 */
  readonly changes?: number;
  /** What agents' ids begin with. @default "a" */
  readonly prefix?: string;
  /** When the history begins: epoch milliseconds. @default an hour ago */
  readonly from?: number;
  /** The largest list, 1 for none. @default 4 */
  readonly largestList?: number;
  /** The share of changes that are delivered again. @default 0.3 */
  readonly repeated?: number;
  /** Milliseconds between two changes of an agent. @default 20,000 */
  readonly step?: number;
  /** Within how many milliseconds the agents' first changes come. @default 0 */
  readonly spread?: number;
  /** By how many milliseconds of the history a delivery comes too late at most. @default 90,000 */
  readonly late?: number;
}

const HOUR_MS = 3_600_000;
const STEP_MS = 20_000;

/** How often a change has the very time of the one before it, to be placed by its content alone. */
const TIES = 0.1;

/** Freshdesk's statuses by id; of one its events do not say the name. */
const STATUSES: Readonly<Record<number, string>> = {
  232: "On break",
  233: "Available",
  234: "Lunch",
};

/** Freshdesk's times are exact to the second. */
const written = (time: number) => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");

function channelsOf(agent: string, chance: Chance): object[] {
  return ["freshdesk", "freshchat", "freshcaller", "telex"]
    .filter(() => chance.next() < 0.9)
    .map((channel) => ({
      channel,
      available: chance.pick([true, true, false, false, "freshcaller"]),
      agent_id: `${agent}-${channel}`,
      channel_account_id: "432",
    }));
}

/** How much later than it a repeat of a delivery comes, at most, in deliveries' own lateness. */
const REPEATS_LATER = 5;

/** A change, and when of the history it is delivered: epoch milliseconds. */
interface Told {
  readonly payload: object;
  readonly time: number;
  readonly deliveredAt: number;
}

interface Moment {
  readonly accountId: string;
  readonly agent: string;
  readonly time: number;
  /** Told of the status before, where the event says it. */
  readonly before: { readonly id: number; readonly since: number } | undefined;
}

/** A payload as Freshdesk's page of the event composes it. */
function payloadOf({ accountId, agent, time, before }: Moment, chance: Chance) {
  const statusId = chance.pick([232, 233, 234, 235]);
  const payload = {
    data: {
      actor: chance.pick([
        { id: "11032938000", name: "Minerva", type: "agent" },
        { id: null, name: null, type: "system" },
      ]),
      agent_availability: {
        account_id: accountId,
        id: agent,
        name: `Agent ${agent}`,
        Email: `${agent}@Acme.example`,
        logged_in: chance.pick([true, false]),
        status_id: statusId,
        status_updated_at: written(time),
        created_at: "2022-01-09T02:18:41Z",
        updated_at: written(time),
        channel_availability: channelsOf(agent, chance),
      },
      associations: { status: { id: String(statusId), name: STATUSES[statusId] } },
      changes: {
        model_changes: {
          status_id: [before?.id ?? null, statusId],
          status_updated_at: [before ? written(before.since) : null, written(time)],
        },
      },
    },
    event: "onAgentAvailabilityUpdate",
    region: "US",
    timestamp: time / 1000 + 0.306_384,
    domain: "acme.freshdesk.com",
    account_id: accountId,
  };
  return { payload, statusId };
}

interface Life {
  readonly accountId: string;
  readonly agent: string;
  readonly from: number;
  readonly count: number;
  readonly step: number;
  readonly late: number;
}

function changesOf({ accountId, agent, from, count, step, late }: Life, chance: Chance): Told[] {
  const told: Told[] = [];
  let before: Moment["before"];
  let time = from;
  for (let index = 0; index < count; index += 1) {
    time += chance.next() < TIES ? 0 : step;
    const { payload, statusId } = payloadOf({ accountId, agent, time, before }, chance);
    before = { id: statusId, since: time };
    told.push({ payload, time, deliveredAt: time + chance.next() * late });
  }
  return told;
}

function grouped(payloads: readonly object[], largest: number, chance: Chance): object[][] {
  const left = [...payloads];
  const groups: object[][] = [];
  while (left.length > 0) {
    const size = chance.next() < 0.7 ? 1 : 1 + chance.below(largest);
    groups.push(left.splice(0, size));
  }
  return groups;
}

const DEFAULTS = {
  agents: 8,
  changes: 8,
  prefix: "a",
  largestList: 4,
  repeated: 0.3,
  step: STEP_MS,
  spread: 0,
  late: 90_000,
} as const satisfies Partial<HistoryOptions>;

type Lives = HistoryOptions &
  Required<Pick<HistoryOptions, "agents" | "changes" | "prefix" | "step" | "spread" | "late">>;

/** The changes of every agent. */
function toldBy(lives: Lives, chance: Chance): Told[] {
  const { accountId, agents, changes: count, prefix, step, spread, late } = lives;
  const { from: begin = Date.now() - HOUR_MS } = lives;
  return Array.from({ length: agents }, (_, index) => {
    const from = begin + (spread > 0 ? chance.below(spread) : 0);
    return changesOf({ accountId, agent: `${prefix}${index}`, from, count, step, late }, chance);
  }).flat();
}

/** A random history: agents' changes, late by chance and so out of order, some twice, alone or in lists. */
export function randomHistory(options: HistoryOptions, chance: Chance): Delivery[] {
  const { late, repeated, largestList, prefix, ...rest } = { ...DEFAULTS, ...options };
  const told = toldBy({ ...rest, late, prefix }, chance);
  const again = told
    .filter(() => chance.next() < repeated)
    .map(({ payload, time }) => ({
      payload,
      deliveredAt: time + chance.next() * late * REPEATS_LATER,
    }));
  const inOrder = [...told, ...again].toSorted((one, other) => one.deliveredAt - other.deliveredAt);
  const payloads = inOrder.map(({ payload }) => payload);
  const groups = grouped(payloads, largestList, chance);
  const series = chance.below(2 ** 31);
  return groups.map((group, index) => ({
    id: `availability_${series}_${index}`,
    payloads: group,
    isList: group.length > 1,
    attempts: [],
  }));
}
