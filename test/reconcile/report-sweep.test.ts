import { afterEach, beforeEach, expect, it, jest } from "@jest/globals";

import { createMetrics } from "../../functions/metrics/write-metrics.ts";
import type { FreshdeskFailure } from "../../functions/reconcile/freshdesk-error.ts";
import {
  countFailure,
  countFindings,
  countWrites,
} from "../../functions/reconcile/report-sweep.ts";

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

it.each(reasons)("counts the failure %s as a failed sweep and as %s", (reason, metric) => {
  const metrics = createMetrics("reconcile", "blue");

  countFailure(metrics, reason);
  metrics.flush();

  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ SweepsFailed: 1, [metric]: 1 }),
  ]);
});

/** Returns the values of metrics that a function counts. */
function counted(count: (metrics: ReturnType<typeof createMetrics<"reconcile">>) => void): unknown {
  const metrics = createMetrics("reconcile", "blue");
  count(metrics);
  metrics.flush();
  const [line = "{}"] = lines;
  const {
    _aws: _a,
    service: _se,
    stage: _st,
    ...values
  } = JSON.parse(line) as Record<string, unknown>;
  return values;
}

const counts = {
  checked: 10,
  recent: 1,
  contradictory: 2,
  unidentified: 3,
  driftedAgents: 4,
  driftedFields: { status: 5, since: 6, tickets: 7, loggedIn: 8 },
  oldestDriftSeconds: 90,
  ticketAgentIds: { known: 9, equalToUserId: 11 },
};

const findings = {
  AgentsChecked: 10,
  AgentsDrifted: 4,
  DriftedStatus: 5,
  DriftedSince: 6,
  DriftedTickets: 7,
  DriftedLoggedIn: 8,
  ItemsUnidentified: 3,
  SnapshotsContradictory: 2,
  TicketAgentIdsReported: 9,
  TicketAgentIdsEqualToUserId: 11,
};

it("counts each finding, and the age of the oldest drift only if something drifted", () => {
  expect(
    counted((metrics) => {
      countFindings(metrics, counts);
    }),
  ).toStrictEqual({ ...findings, OldestDrift: 90 });
  lines = [];
  expect(
    counted((metrics) => {
      countFindings(metrics, { ...counts, oldestDriftSeconds: 0 });
    }),
  ).toStrictEqual(findings);
});

it("counts repairs of all kinds of items together, and forgotten items as removed", () => {
  expect(
    counted((metrics) => {
      countWrites(metrics, {
        repaired: 1,
        updated: 2,
        session: 4,
        confirmed: 100,
        created: 5,
        merged: 6,
        removed: 7,
        forgotten: 10,
        overtaken: 9,
      });
    }),
  ).toStrictEqual({
    ItemsRepaired: 7,
    ItemsCreated: 5,
    ItemsMerged: 6,
    ItemsRemoved: 17,
    ItemsOvertaken: 9,
  });
});
