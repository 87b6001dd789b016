import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";

import type { ReconcileMetric } from "../../functions/availability/metrics.ts";
import { graph, heading, smallGraph } from "./dashboard-widgets.ts";
import { FIVE_MINUTES, MAXIMUM } from "./periods.ts";
import type { StageMetrics } from "./stage-metrics.ts";

/** Returns the rows about sweeps, if the stage deploys `AgentAvailabilityReconcile`. */
export function reconcileWidgets(metrics: StageMetrics): IWidget[][] {
  if (metrics.stage.reconcile === null) {
    return [];
  }
  const reconcile = (...names: readonly ReconcileMetric[]) =>
    names.map((name) => metrics.hub("reconcile", name, FIVE_MINUTES));
  return [
    [heading("Reconcile with Freshdesk")],
    [
      smallGraph(
        "Agents compared, and agents that differed",
        reconcile("AgentsChecked", "AgentsDrifted"),
      ),
      smallGraph(
        "Items repaired, created, merged and removed",
        reconcile("ItemsRepaired", "ItemsCreated", "ItemsMerged", "ItemsRemoved"),
      ),
      smallGraph("Time since the last complete sweep, and oldest drift, in s", [
        metrics.hub("reconcile", "SweepAge", MAXIMUM),
        metrics.hub("reconcile", "OldestDrift", MAXIMUM),
      ]),
      smallGraph(
        "Sweeps failed, and API keys rejected or malformed",
        reconcile("SweepsFailed", "ApiKeysRejected", "AccountsWithMalformedApiKeys"),
      ),
    ],
  ];
}

/** Returns the row about the history, if the stage deploys `AgentAvailabilityHistory`. */
export function historyWidgets(metrics: StageMetrics): IWidget[][] {
  if (metrics.stage.historyDays === 0) {
    return [];
  }
  return [
    [heading("History")],
    [
      graph("Changes recorded", [metrics.hub("history", "ChangesRecorded", FIVE_MINUTES)]),
      graph("Records unreadable, and changes of forgotten agents", [
        metrics.hub("history", "RecordsUnreadable", FIVE_MINUTES),
        metrics.hub("history", "ChangesForgotten", FIVE_MINUTES),
      ]),
    ],
  ];
}

/** Returns the row about supervision, if the stage deploys `AgentAvailabilitySupervision`. */
export function supervisionWidgets(metrics: StageMetrics): IWidget[][] {
  const graphs = [
    ...(metrics.stage.statusLimits.length === 0
      ? []
      : [
          graph("Overruns: due times scheduled, overruns published, overruns prevented", [
            metrics.hub("supervision", "DueTimesScheduled", FIVE_MINUTES),
            metrics.hub("supervision", "OverrunsPublished", FIVE_MINUTES),
            metrics.hub("supervision", "OverrunsPrevented", FIVE_MINUTES),
          ]),
        ]),
    ...(metrics.stage.coverage.length === 0
      ? []
      : [
          graph("Coverage: channels evaluated, events published", [
            metrics.hub("supervision", "ChannelsEvaluated", FIVE_MINUTES),
            metrics.hub("supervision", "CoverageChangesPublished", FIVE_MINUTES),
          ]),
        ]),
  ];
  return graphs.length === 0 ? [] : [[heading("Supervision")], graphs];
}
