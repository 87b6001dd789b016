import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";

import type { AlarmDefinition } from "../alarm.ts";
import { ONE_DAY, ONE_HOUR } from "./periods.ts";
import type { StageMetrics } from "./stage-metrics.ts";

/** Defines the maintenance alarms: maintenance was started and not completed. No data is lost. */
export function maintenanceAlarms(metrics: StageMetrics): AlarmDefinition[] {
  return [
    {
      name: "PreviousKeyInUse",
      severity: "ticket",
      impact:
        "On each of the last 4 days a relay has signed requests with its account's previous key. After a rotation, the relay did not get the new key. Retiring the previous key would stop its events.",
      firstStep: "find the account in the ingest log, and paste its new key into the relay.",
      // Without FILL, CloudWatch uses older data points, and the alarm would take days to clear.
      metric: new MathExpression({
        expression: "FILL(requests, 0)",
        usingMetrics: { requests: metrics.hub("ingest", "PreviousKeyUsed", ONE_DAY) },
        ...ONE_DAY,
        label: "requests signed with a previous key",
      }),
      // A rotation takes hours, at worst around midnight. A small account may have one change a day.
      evaluationPeriods: 4,
    },
    {
      name: "RelayOutdated",
      severity: "ticket",
      impact:
        "An installed relay is older than this release of the hub. It works, but without the fixes of the newer version.",
      firstStep: "find the account in the ingest log, and update its relay.",
      metric: metrics.hub("ingest", "OldRelayVersion", ONE_HOUR),
      evaluationPeriods: 24,
      datapointsToAlarm: 1,
    },
  ];
}
