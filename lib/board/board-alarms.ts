import { Duration } from "aws-cdk-lib";
import { type IMetric, Metric } from "aws-cdk-lib/aws-cloudwatch";

import type { AlarmDefinition } from "../alarm.ts";

/** The resources that the board's alarms monitor. */
export interface BoardMetrics {
  /** ID of the board's HTTP API. */
  readonly apiId: string;

  /** Requests that API Gateway rejected with 429. */
  readonly throttled: IMetric;
}

/**
 * Defines the alarms of the hosted board. No event depends on it, so none of them pages.
 *
 * The metrics have no label: with one, the CDK writes metric math, which the local cloud rejects.
 */
export function boardAlarms({ apiId, throttled }: BoardMetrics): AlarmDefinition[] {
  return [
    {
      name: "BoardFailing",
      severity: "ticket",
      impact:
        "Some requests to the board have failed for 15 minutes. Some viewers see data that is marked as out of date. Ingest and publishing are not affected.",
      firstStep: "read the errors in the board's log.",
      metric: new Metric({
        namespace: "AWS/ApiGateway",
        metricName: "5xx",
        dimensionsMap: { ApiId: apiId },
        statistic: "Sum",
        period: Duration.minutes(5),
      }),
      evaluationPeriods: 3,
    },
    {
      name: "BoardThrottled",
      severity: "ticket",
      impact:
        "Some requests to the board have exceeded its throttle for 15 minutes. Some viewers see data that is marked as out of date.",
      firstStep:
        "check in the board's access log whether viewers or unknown callers send the requests.",
      metric: throttled,
      evaluationPeriods: 3,
    },
  ];
}
