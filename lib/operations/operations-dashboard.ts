import {
  AlarmStatusWidget,
  Dashboard,
  type IAlarm,
  type IWidget,
  SingleValueWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";

import type { IngestMetric } from "../../functions/availability/metrics.ts";
import {
  FULL_WIDTH,
  graph,
  HALF_WIDTH,
  heading,
  WIDGET_HEIGHT,
  smallGraph,
} from "./dashboard-widgets.ts";
import { historyWidgets, reconcileWidgets, supervisionWidgets } from "./optional-widgets.ts";
import { FIVE_MINUTES, MAXIMUM, ONE_DAY } from "./periods.ts";
import type { StageMetrics } from "./stage-metrics.ts";

export interface OperationsDashboardProps {
  readonly metrics: StageMetrics;
  readonly alarms: readonly IAlarm[];
}

/** The dashboard of a stage, from top to bottom in the order of the data path. */
export class OperationsDashboard extends Construct {
  constructor(scope: Construct, id: string, { metrics, alarms }: OperationsDashboardProps) {
    super(scope, id);

    new Dashboard(this, "Resource", {
      dashboardName: `agent-availability-${metrics.stage.name}`,
      widgets: [
        [new AlarmStatusWidget({ title: "Alarms", alarms: [...alarms], width: FULL_WIDTH })],
        ...ingestWidgets(metrics),
        ...publisherWidgets(metrics),
        ...agentWidgets(metrics),
        ...reconcileWidgets(metrics),
        ...historyWidgets(metrics),
        ...supervisionWidgets(metrics),
        ...failureWidgets(metrics),
        ...costWidgets(metrics),
      ],
    });
  }
}

function ingestWidgets(metrics: StageMetrics): IWidget[][] {
  const ingest = (...names: readonly IngestMetric[]) =>
    names.map((name) => metrics.hub("ingest", name, FIVE_MINUTES));
  return [
    [heading(`Stage ${metrics.stage.name}: ingest`)],
    [
      graph("Events received", ingest("EventsReceived", "ParkedEventsReceived")),
      graph("Requests and events rejected", [
        ...ingest(
          "RejectedBadSignature",
          "RejectedUnauthenticated",
          "RejectedAccountMismatch",
          "RejectedSourceNotAllowed",
          "RejectedMalformed",
          "RejectedTooLarge",
          "EventsInvalid",
        ),
        metrics.throttledRequests(FIVE_MINUTES),
      ]),
    ],
    [
      graph("Outcomes of events", ingest("EventsApplied", "EventsDuplicate", "EventsStale")),
      graph("Failures", [
        metrics.api("5xx", FIVE_MINUTES),
        ...ingest("RejectedDependencyFailed", "SigningKeysFetchFailed", "ChangesRejectedByTable"),
      ]),
    ],
    [
      graph(
        "Agent updates, and the items that they wrote",
        ingest("AgentUpdatesReceived", "SessionItemsWritten", "UserItemsWritten", "AgentsRemoved"),
      ),
      graph(
        "Agent updates not parsed, and events that contradict customStatuses of their account",
        ingest(
          "AgentUpdatesUnparsed",
          "TicketAvailabilityWithCustomStatusesOn",
          "AvailabilityEventsWithCustomStatusesOff",
        ),
      ),
    ],
  ];
}

function publisherWidgets(metrics: StageMetrics): IWidget[][] {
  const age = (statistic: string) =>
    metrics.hub("publisher", "EventAge", { ...FIVE_MINUTES, statistic, label: statistic });
  return [
    [heading("Publisher")],
    [
      graph("Events published, and rejected entries and dead letters (retried)", [
        metrics.hub("publisher", "EventsPublished", FIVE_MINUTES),
        metrics.hub("publisher", "EntriesRejected", FIVE_MINUTES),
      ]),
      smallGraph("Event age in ms (objective: p99 under 5,000)", [age("p50"), age("p99")]),
      smallGraph("Iterator age of the stream in ms", [
        metrics.lambda("PublisherFunctionName", "IteratorAge", MAXIMUM),
      ]),
    ],
  ];
}

function agentWidgets(metrics: StageMetrics): IWidget[][] {
  const channels = [
    metrics.hub("census", "AvailableOnFreshdesk", { ...MAXIMUM, label: "tickets" }),
    metrics.hub("census", "AvailableOnFreshchat", { ...MAXIMUM, label: "chat" }),
    metrics.hub("census", "AvailableOnFreshcaller", { ...MAXIMUM, label: "phone" }),
  ];
  const active = metrics.hub("census", "ActiveAgents", { ...MAXIMUM, label: "active agents" });
  return [
    [heading("Available agents")],
    [
      new SingleValueWidget({
        title: "Now",
        metrics: channels,
        width: HALF_WIDTH,
        height: WIDGET_HEIGHT,
      }),
      graph("Over time", [...channels, active]),
    ],
  ];
}

function failureWidgets(metrics: StageMetrics): IWidget[][] {
  return [
    [heading("Dead letters and failed records")],
    [
      smallGraph("Events dead-lettered, and messages waiting", [
        metrics.hub("publisher", "EventsDeadLettered", FIVE_MINUTES),
        metrics.waitingMessages("DeadLetterQueueUrl", FIVE_MINUTES),
      ]),
      smallGraph("Age of the oldest message in s (without messages received three times)", [
        metrics.queue("DeadLetterQueueUrl", "ApproximateAgeOfOldestMessage", FIVE_MINUTES),
      ]),
      smallGraph("Records sent to the on-failure destination, and lost", [
        metrics.eventSourceMapping("OnFailureDestinationDeliveredEventCount", FIVE_MINUTES),
        metrics.eventSourceMapping("DroppedEventCount", FIVE_MINUTES),
      ]),
      smallGraph("Records in the on-failure destination (daily)", [
        metrics.failedObjects({ ...ONE_DAY, statistic: "Average" }),
      ]),
    ],
  ];
}

function costWidgets(metrics: StageMetrics): IWidget[][] {
  return [
    [heading("Cost (`npx agent-availability cost` shows prices)")],
    [
      graph("Requests and invocations", [
        metrics.api("Count", FIVE_MINUTES),
        metrics.lambda("IngestFunctionName", "Invocations", FIVE_MINUTES),
        metrics.lambda("PublisherFunctionName", "Invocations", FIVE_MINUTES),
      ]),
      graph("Write units and events", [
        metrics.table("ConsumedWriteCapacityUnits", FIVE_MINUTES),
        metrics.hub("publisher", "EventsPublished", FIVE_MINUTES),
      ]),
    ],
  ];
}
