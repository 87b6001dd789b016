import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { lowerQuartile } from "./goals.ts";
import type { Inputs } from "./inputs.ts";
import { runCold, type Stub } from "./measure.ts";

/** At 1,769 MB a function has one whole core, and below that its part of it: Lambda's documentation. */
const MB_OF_A_CORE = 1769;

/** Lambda's own period is not documented; shorter ones than the 100 ms of Linux leave no free start. */
const PERIOD_US = 20_000;

const WARM_CALLS = 60;

/** Milliseconds of the clock: the first call after a prewarmed init, and half of the warm ones are below. */
export interface Throttled {
  readonly first: number;
  readonly warm: number;
}

/**
 * Makes a control group of Linux with a function's share of one core.
 *
 * @returns its folder.
 * @throws Error where there are none, or who runs this may make none.
 */
function makeGroup(memoryMb: number): string {
  const quotaUs = Math.round((PERIOD_US * memoryMb) / MB_OF_A_CORE);
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

/** What is throttled: a bundle, and the memory of its function. */
export interface Subject {
  readonly file: string;
  readonly memoryMb: number;
}

/**
 * A function with its share of a core, against a stub that takes as long as DynamoDB might.
 *
 * @throws Error where no control group can be made.
 */
export async function measureThrottled(
  { file, memoryMb }: Subject,
  inputs: Inputs,
  rounds: number,
  stub: Stub,
): Promise<Throttled> {
  const group = makeGroup(memoryMb);
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
