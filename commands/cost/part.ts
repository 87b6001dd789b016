import { assumed } from "./assumptions.ts";
import type { Billed } from "./billed.ts";
import { costOf } from "./prices.ts";

/** What AWS bills by. */
export const GB = 1e9;

/** Milliseconds of an invocation: the processor's share comes with the memory. */
export function durationMs(cpuMs: number, megabytes: number, networkMs: number): number {
  return cpuMs * Math.max(1, assumed.wholeCoreMb / megabytes) + networkMs;
}

/** What so many invocations of that length cost. */
export function lambda(invocations: number, milliseconds: number, megabytes: number): number {
  const gbSeconds = (invocations * milliseconds * megabytes) / 1024 / 1000;
  return costOf("lambdaRequest", invocations) + costOf("lambdaArmGbSecond", gbSeconds);
}

/** Milliseconds of a request, with its part of cold starts. */
export function ingestMs({ ingestMb }: Billed): number {
  const initMs = assumed.coldStarts * assumed.initMs;
  return durationMs(assumed.ingestCpuMs, ingestMb, assumed.ingestNetworkMs) + initMs;
}

/** What a request of one change writes, the gateway's line and ours. */
export const requestLogBytes =
  assumed.accessLogBytes + assumed.ingestLogBytes + 3 * assumed.lineBytes;

/** A part of a bill; `cost` in dollars a month. */
export interface Part {
  readonly part: string;
  readonly amount: string;
  readonly cost: number;
}

/** A number for a person. */
export const count = (value: number) => Math.round(value).toLocaleString("en-US");
/** Bytes for a person. */
export const gigabytes = (bytes: number) => `${(bytes / GB).toFixed(2)} GB`;
