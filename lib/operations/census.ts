import { Duration, Stack } from "aws-cdk-lib";
import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { Construct } from "constructs";

import { knownChannels } from "../../functions/availability/change.ts";
import { availableIndex } from "../../functions/store/attributes.ts";
import { NodeFunction } from "../node-function.ts";
import type { StageMetrics } from "./stage-metrics.ts";

/** Counts every five minutes how many agents are available on each channel. */
export class Census extends Construct {
  private readonly schedule: Rule;

  constructor(scope: Construct, id: string, { metrics }: { readonly metrics: StageMetrics }) {
    super(scope, id);

    const { stage } = metrics;
    const census = new NodeFunction(this, "Function", {
      folder: "census",
      description: "Counts how many agents are available on each channel",
      environment: { STAGE: stage.name, TABLE_NAME: metrics.parameter("TableName") },
      memorySize: 128,
      timeout: Duration.seconds(30),
      stage,
    });
    const tableArn = metrics.parameter("TableArn");
    census.allow(
      ["dynamodb:Scan"],
      knownChannels.map((channel) => `${tableArn}/index/${availableIndex(channel).name}`),
    );
    census.allow(["dynamodb:DescribeTable"], [tableArn]);
    this.schedule = new Rule(this, "Schedule", {
      description: `${Stack.of(this).stackName}: counts available agents`,
      schedule: Schedule.rate(Duration.minutes(5)),
      // EventBridge does not redeliver, since the next count follows in five minutes. If the function fails,
      // Lambda retries it twice, as it does with every asynchronous invocation.
      targets: [new LambdaFunction(census, { retryAttempts: 0 })],
    });
  }

  /**
   * The number of counts that were due.
   *
   * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
   */
  metricScheduled(options: MetricOptions): Metric {
    return new Metric({
      namespace: "AWS/Events",
      metricName: "TriggeredRules",
      dimensionsMap: { RuleName: this.schedule.ruleName },
      statistic: "Sum",
      ...options,
    });
  }
}
