import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Inputs } from "./inputs.ts";
import { runCold, type Stub } from "./measure.ts";
import { lowerQuartile } from "./statistics.ts";

/** Memory at which Lambda gives a function one core; with less memory it gets that share of one. */
const MB_PER_CORE = 1769;

/** Lambda's scheduling period is not documented. The default of Linux, 100 ms, would let a call start unthrottled. */
const PERIOD_US = 20_000;

const WARM_CALLS = 60;

/** Elapsed milliseconds: the first call after a prewarmed init, and the median of warm calls. */
export interface Throttled {
  readonly first: number;
  readonly warm: number;
}

/**
 * Creates a Linux control group with a function's share of one core.
 *
 * @returns its folder.
 * @throws Error if control groups are not available or the user may not create one.
 */
function createGroup(memoryMb: number): string {
  const quotaUs = Math.round((PERIOD_US * memoryMb) / MB_PER_CORE);
  const isSecondVersion = existsSync("/sys/fs/cgroup/cgroup.controllers");
  const parent = isSecondVersion ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
  const group = join(parent, `availability-hub-bench-${process.pid}`);
  if (isSecondVersion) {
    writeFileSync(join(parent, "cgroup.subtree_control"), "+cpu");
  }
  mkdirSync(group);
  if (isSecondVersion) {
    writeFileSync(join(group, "cpu.max"), `${quotaUs} ${PERIOD_US}`);
  } else {
    writeFileSync(join(group, "cpu.cfs_period_us"), String(PERIOD_US));
    writeFileSync(join(group, "cpu.cfs_quota_us"), String(quotaUs));
  }
  return group;
}

/** A bundle, and the memory of its function. */
export interface Subject {
  readonly file: string;
  readonly memoryMb: number;
}

/**
 * Measures a function with its share of a core, against a stub with the latency of DynamoDB.
 *
 * @throws Error if no control group can be created.
 */
export async function measureThrottled(
  { file, memoryMb }: Subject,
  inputs: Inputs,
  rounds: number,
  stub: Stub,
): Promise<Throttled> {
  const group = createGroup(memoryMb);
  try {
    const first: number[] = [];
    const warm: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const throttle = { group, warmCalls: WARM_CALLS };
      const run = await runCold(file, inputs.request(), stub, throttle);
      first.push(run.firstMs);
      warm.push(run.warmMs.toSorted((a, b) => a - b)[WARM_CALLS / 2] ?? Number.NaN);
    }
    return { first: lowerQuartile(first), warm: lowerQuartile(warm) };
  } finally {
    rmdirSync(group);
  }
}
