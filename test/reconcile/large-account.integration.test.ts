import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { beforeAll, describe, expect, it } from "@jest/globals";

interface Measured {
  readonly invocations: number;
  readonly written: number;
  readonly requests: number;
  readonly tableReads: number;
  readonly tablePages: number;
  readonly minutes: number;
  readonly savedPages: number;
  readonly maxRssMegabytes: number;
}

interface Sweep {
  readonly heapMegabytes: number;
  readonly agents: number;
  /** Freshdesk's limit. */
  readonly requestsPerMinute: number;
}

/** Sweeps an account in which every agent has changed, in a process with a limited heap. */
async function measureSweep({ heapMegabytes, agents, requestsPerMinute }: Sweep) {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      `--max-old-space-size=${heapMegabytes}`,
      "--max-semi-space-size=16",
      new URL("large-account.ts", import.meta.url).pathname,
      String(agents),
      String(requestsPerMinute),
    ],
    { env: { ...process.env, AWS_REGION: "eu-central-1", NODE_OPTIONS: "" } },
  );
  return JSON.parse(stdout) as Measured;
}

describe("a sweep of 50,000 agents who have all changed, in a trial", () => {
  let measured: Measured;

  beforeAll(async () => {
    measured = await measureSweep({ heapMegabytes: 320, agents: 50_000, requestsPerMinute: 50 });
  }, 900_000);

  it("fits into 512 MB, with the fake Freshdesk API in the same process", () => {
    expect(measured.maxRssMegabytes).toBeLessThan(512);
  });

  it("takes five invocations, and reads the table once", () => {
    expect(measured).toMatchObject({ invocations: 5, tableReads: 1, tablePages: 50 });
    expect(measured.minutes).toBeCloseTo(42, 0);
  });

  it("sends one request per 100 agents, repairs each agent once, and keeps no page", () => {
    expect(measured).toMatchObject({ requests: 500, written: 50_000, savedPages: 0 });
  });
});
