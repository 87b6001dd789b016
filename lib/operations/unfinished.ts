import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";

import { DAY, HOUR, type Promised } from "./promise.ts";
import type { Watched } from "./watched.ts";

/** Whether what somebody has begun is still to be finished. Nothing is lost, and none is for the night. */
export function unfinished(watched: Watched): Promised[] {
  return [
    {
      id: "OldKeyInUse",
      when: "By day",
      means:
        "On each of the last four days a relay has signed with its account's old key: after a rotation nobody gave it the new one. Retiring the old key would stop its changes.",
      first: "Find the account in the log of ingest, and paste its new key into the relay.",
      // Filled, for where there are no data CloudWatch judges by older ones: it would stay on for days.
      metric: new MathExpression({
        expression: "FILL(used, 0)",
        usingMetrics: { used: watched.ingest("PreviousKeyUsed", DAY) },
        period: DAY.period,
        label: "requests with an old key",
      }),
      threshold: 1,
      // A rotation that somebody sees to takes an hour or an afternoon, at worst over midnight; an account
      // may be small, and change little in a day.
      periods: 4,
      datapoints: 4,
    },
    {
      id: "OldRelay",
      when: "By day",
      means:
        "An installed relay is older than this release of the hub. It works, without what the newer one mends.",
      first: "Find the account in the log of ingest, and update its app when there is time.",
      metric: watched.ingest("OldRelayVersion", HOUR),
      threshold: 1,
      periods: 24,
      datapoints: 1,
    },
  ];
}
