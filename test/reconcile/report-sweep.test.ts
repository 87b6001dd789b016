import { afterEach, beforeEach, expect, it, jest } from "@jest/globals";

import { createMetrics } from "../../functions/metrics/write-metrics.ts";
import type { FreshdeskFailure } from "../../functions/reconcile/freshdesk-error.ts";
import { countFailure } from "../../functions/reconcile/report-sweep.ts";

let lines: string[];

beforeEach(() => {
  Object.assign(process.env, { POWERTOOLS_DEV: "true", POWERTOOLS_METRICS_DISABLED: "false" });
  lines = [];
  jest.spyOn(console, "log").mockImplementation((line: unknown) => {
    lines.push(String(line));
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

const reasons: readonly (readonly [FreshdeskFailure, string])[] = [
  ["ApiKeyRejected", "ApiKeysRejected"],
  ["NotAdmin", "ApiKeysRejected"],
  ["UserLocked", "ApiKeysRejected"],
  ["Throttled", "SweepsFailedThrottled"],
  ["TrialLimit", "SweepsFailedThrottled"],
  ["Timeout", "SweepsFailedUnavailable"],
  ["Unavailable", "SweepsFailedUnavailable"],
  ["NotJson", "SweepsFailedUnavailable"],
  ["AccountSuspended", "SweepsFailedDenied"],
  ["AccessDenied", "SweepsFailedDenied"],
  ["FeatureMissing", "SweepsFailedDenied"],
  ["WrongDomain", "SweepsFailedUnexpected"],
  ["UnexpectedResponse", "SweepsFailedUnexpected"],
];

it.each(reasons)("counts a failure %s as failed and as %s", (reason, metric) => {
  const metrics = createMetrics("reconcile", "blue");

  countFailure(metrics, reason);
  metrics.flush();

  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ SweepsFailed: 1, [metric]: 1 }),
  ]);
});
