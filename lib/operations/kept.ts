import { ComparisonOperator, MathExpression, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";

import { HOUR, type Promised, QUARTER } from "./promise.ts";
import type { Watched } from "./watched.ts";

const SECONDS_AN_HOUR = 3600;

/** What is promised to who pays and who watches: no bill that surprises, and no blind eye. */
export function kept(watched: Watched): Promised[] {
  const { rate } = watched.stage.throttle;
  return [
    {
      id: "CostAhead",
      when: "By day",
      means:
        "For two hours more than a tenth of the requests came that the throttle lets through: the bill is running ahead of what the stage was made for.",
      first: "See in the access log whether they are relays or strangers.",
      metric: watched.api("Count", HOUR),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: (rate * SECONDS_AN_HOUR) / 10,
      periods: 2,
      datapoints: 2,
    },
    {
      id: "CensusMissing",
      when: "By day",
      means:
        "Nobody counts who is available: the dashboard is blind there, and a silent relay would not be noticed. Changes are not touched by it.",
      first: "Read the errors in the log of the census.",
      // Filled, for where there are no data CloudWatch judges by older ones for a while, which were good.
      metric: new MathExpression({
        expression: "FILL(counted, 0)",
        usingMetrics: {
          counted: watched.census("AgentsAtWork", { ...QUARTER, statistic: "SampleCount" }),
        },
        period: QUARTER.period,
        label: "counts",
      }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      periods: 2,
      datapoints: 2,
      // It counts every five minutes: here no data is the fault itself.
      missing: TreatMissingData.BREACHING,
    },
  ];
}
