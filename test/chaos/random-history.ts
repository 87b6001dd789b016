import type { Delivery } from "./delivery.ts";
import { type Change, randomPayload } from "./random-payload.ts";
import type { Random } from "./seeded-random.ts";

/** The amount and the timing of a history's changes. */
export interface HistoryOptions {
  readonly accountId: string;
  /** @default 8 */
  readonly agents?: number;
  /** Changes of each agent. @default 8 */
  readonly changes?: number;
  /** Prefix of the agents' IDs. @default "a" */
  readonly prefix?: string;
  /** Start of the history, in epoch milliseconds. @default one hour ago */
  readonly from?: number;
  /** Maximum number of payloads in a batch; 1 for no batches. @default 4 */
  readonly maxBatchSize?: number;
  /** Share of changes that are delivered twice. @default 0.3 */
  readonly repeatedShare?: number;
  /** Time between two changes of an agent. @default 20,000 */
  readonly intervalMs?: number;
  /** Period in which the agents' first changes happen. @default 0 */
  readonly startSpreadMs?: number;
  /** Maximum delay of a delivery, in the history's time. @default 90,000 */
  readonly maxDelayMs?: number;
}

const HOUR_MS = 3_600_000;

const DEFAULTS = {
  agents: 8,
  changes: 8,
  prefix: "a",
  maxBatchSize: 4,
  repeatedShare: 0.3,
  intervalMs: 20_000,
  startSpreadMs: 0,
  maxDelayMs: 90_000,
} as const satisfies Partial<HistoryOptions>;

type Settings = Required<HistoryOptions>;

/** Share of changes with the same time as the previous one, which only their content hash can order. */
const TIE_SHARE = 0.1;

/** Factor by which a repeated delivery can be delayed longer. */
const REPEAT_DELAY_FACTOR = 5;

/** Share of requests with one payload; the others have a random number of them. */
const SINGLE_SHARE = 0.7;

/** A payload with the times at which it was raised and is delivered. */
export interface TimedPayload {
  readonly payload: object;
  /** Time of the change: epoch milliseconds. */
  readonly time: number;
  /** Epoch milliseconds. */
  readonly deliveredAt: number;
}

function changesOfAgent(
  agent: string,
  { accountId, changes, from, startSpreadMs, intervalMs, maxDelayMs }: Settings,
  random: Random,
): TimedPayload[] {
  let time = from + (startSpreadMs > 0 ? random.below(startSpreadMs) : 0);
  let previous: Change["previous"];
  return Array.from({ length: changes }, () => {
    time += random.next() < TIE_SHARE ? 0 : intervalMs;
    const { payload, statusId } = randomPayload({ accountId, agent, time, previous }, random);
    previous = { statusId, since: time };
    return { payload, time, deliveredAt: time + random.next() * maxDelayMs };
  });
}

function inBatches(payloads: readonly object[], maxBatchSize: number, random: Random): object[][] {
  const remaining = [...payloads];
  const batches: object[][] = [];
  while (remaining.length > 0) {
    const size = random.next() < SINGLE_SHARE ? 1 : 1 + random.below(maxBatchSize);
    batches.push(remaining.splice(0, size));
  }
  return batches;
}

/** Returns deliveries with one payload, or with a batch of several. */
export function deliveriesOf(batches: readonly (readonly object[])[], random: Random): Delivery[] {
  const series = random.below(2 ** 31);
  return batches.map((payloads, index) => ({
    id: `availability_${series}_${index}`,
    payloads,
    isBatch: payloads.length > 1,
    attempts: [],
  }));
}

/** Settings for turning payloads into deliveries. */
type Mixing = Pick<Settings, "repeatedShare" | "maxBatchSize" | "maxDelayMs">;

/** Returns payloads as deliveries in the order of their arrival: some of them twice, alone or in batches. */
export function mixDeliveries(
  first: readonly TimedPayload[],
  { repeatedShare, maxBatchSize, maxDelayMs }: Mixing,
  random: Random,
): Delivery[] {
  const repeated = first
    .filter(() => random.next() < repeatedShare)
    .map(({ payload, time }) => ({
      payload,
      deliveredAt: time + random.next() * maxDelayMs * REPEAT_DELAY_FACTOR,
    }));
  const payloads = [...first, ...repeated]
    .toSorted((one, other) => one.deliveredAt - other.deliveredAt)
    .map(({ payload }) => payload);
  return deliveriesOf(inBatches(payloads, maxBatchSize, random), random);
}

/**
 * Returns a random history of agents' changes as deliveries: delayed at random and so out of order, some of
 * them twice, alone or in batches.
 */
export function randomHistory(options: HistoryOptions, random: Random): Delivery[] {
  const settings: Settings = { from: Date.now() - HOUR_MS, ...DEFAULTS, ...options };
  const { agents, prefix } = settings;
  const changes = Array.from({ length: agents }, (_, index) =>
    changesOfAgent(`${prefix}${index}`, settings, random),
  ).flat();
  return mixDeliveries(changes, settings, random);
}
