import { assumptions } from "./assumptions.ts";
import type { Quantities } from "./quantities.ts";
import { costOf } from "./prices.ts";

/** The load of a stage in a month. */
export interface Load {
  readonly agents: number;
  /** Per agent and working day. */
  readonly changes: number;
  /** Per change, on average. */
  readonly events: number;
  /** Channels that open or close per change, on average. */
  readonly flips: number;
  /** Working days per month. */
  readonly days: number;
}

/** AWS bills by decimal gigabytes. */
export const GB = 1e9;

/** Returns the duration of an invocation: Lambda allocates CPU in proportion to memory. */
export function durationMs(cpuMs: number, megabytes: number, networkMs: number): number {
  return cpuMs * Math.max(1, assumptions.wholeCoreMb / megabytes) + networkMs;
}

/**
 * Returns the average number of records per non-empty batch, if `arrivals` records arrive independently per
 * poll or window on average.
 */
export function averageBatchSize(arrivals: number, maximum: number): number {
  return Math.min(maximum, arrivals / -Math.expm1(-arrivals));
}

/** Returns the cost of ingesting logs and storing them for a number of days, in dollars. */
export function logCost(bytes: number, days: number): number {
  const ingested = bytes / GB;
  return (
    costOf("logIngestion", ingested) +
    costOf("logStorage", (ingested * days) / assumptions.daysPerMonth)
  );
}

/** Returns the cost of invocations in dollars. */
export function lambdaCost(invocations: number, milliseconds: number, megabytes: number): number {
  const gbSeconds = (invocations * milliseconds * megabytes) / 1024 / 1000;
  return costOf("lambdaRequest", invocations) + costOf("lambdaArmGbSecond", gbSeconds);
}

/** Returns the duration of a request in milliseconds, including its share of cold starts. */
export function ingestMs({ ingestMb }: Quantities): number {
  const initMs = assumptions.coldStarts * assumptions.initMs;
  return durationMs(assumptions.ingestCpuMs, ingestMb, assumptions.ingestNetworkMs) + initMs;
}

/** Log bytes of a request with one change: the gateway's line and the function's. */
export const requestLogBytes =
  assumptions.accessLogBytes + assumptions.ingestLogBytes + 3 * assumptions.lineBytes;

/** A part of a bill; `cost` in dollars per month. */
export interface Part {
  readonly part: string;
  readonly amount: string;
  readonly cost: number;
}

export const part = (name: string, amount: string, cost: number): Part => ({
  part: name,
  amount,
  cost,
});

export const formatNumber = (value: number) => Math.round(value).toLocaleString("en-US");
export const formatGigabytes = (bytes: number) => `${(bytes / GB).toFixed(2)} GB`;
