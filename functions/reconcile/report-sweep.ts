import type { ReconcileMetric } from "../availability/metrics.ts";
import type { ReconcileCounts } from "../availability/reconcile.ts";
import type { MetricsWriter } from "../metrics/write-metrics.ts";
import type { WriteCounts } from "./apply.ts";
import type { FreshdeskFailure } from "./freshdesk-error.ts";

type Metrics = MetricsWriter<"reconcile">;

const failureMetrics = {
  AccountSuspended: "SweepsFailedDenied",
  ApiKeyRejected: "ApiKeysRejected",
  AccessDenied: "SweepsFailedDenied",
  FeatureMissing: "SweepsFailedDenied",
  NotAdmin: "ApiKeysRejected",
  NotJson: "SweepsFailedUnavailable",
  Throttled: "SweepsFailedThrottled",
  Timeout: "SweepsFailedUnavailable",
  TrialLimit: "SweepsFailedThrottled",
  Unavailable: "SweepsFailedUnavailable",
  UnexpectedResponse: "SweepsFailedUnexpected",
  UserLocked: "ApiKeysRejected",
  WrongDomain: "SweepsFailedUnexpected",
} as const satisfies Record<FreshdeskFailure, ReconcileMetric>;

export function countFindings(metrics: Metrics, counts: ReconcileCounts): void {
  const { driftedFields } = counts;
  metrics.count("AgentsChecked", counts.checked);
  metrics.count("AgentsDrifted", counts.driftedAgents);
  metrics.count("DriftedStatus", driftedFields.status);
  metrics.count("DriftedSince", driftedFields.since);
  metrics.count("DriftedTickets", driftedFields.tickets);
  metrics.count("DriftedLoggedIn", driftedFields.loggedIn);
  metrics.count("ItemsUnidentified", counts.unidentified);
  metrics.count("SnapshotsContradictory", counts.contradictory);
  metrics.count("TicketAgentIdsReported", counts.ticketAgentIds.known);
  metrics.count("TicketAgentIdsEqualToUserId", counts.ticketAgentIds.equalToUserId);
  if (counts.oldestDriftSeconds > 0) {
    metrics.seconds("OldestDrift", counts.oldestDriftSeconds);
  }
}

export function countWrites(metrics: Metrics, written: WriteCounts): void {
  metrics.count("ItemsRepaired", written.repaired + written.updated + written.session);
  metrics.count("ItemsCreated", written.created);
  metrics.count("ItemsMerged", written.merged);
  metrics.count("ItemsRemoved", written.removed + written.forgotten);
  metrics.count("ItemsOvertaken", written.overtaken);
}

/** Counts a sweep that failed because of Freshdesk. */
export function countFailure(metrics: Metrics, reason: FreshdeskFailure): void {
  metrics.count("SweepsFailed");
  metrics.count(failureMetrics[reason]);
}
