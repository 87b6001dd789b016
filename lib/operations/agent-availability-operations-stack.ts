import { Stack, type StackProps, Tags } from "aws-cdk-lib";
import { Alarm, type IAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern, LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import type { Stage } from "../stage.ts";
import { gradualDeployAlarmName, gradualDeployAlarms } from "../stage-names.ts";
import { Alarms } from "./alarms.ts";
import { Answers } from "./answers.ts";
import { arriving } from "./arriving.ts";
import { Census } from "./census.ts";
import { kept } from "./kept.ts";
import { Questions } from "./questions.ts";
import { told } from "./told.ts";
import { throttledNamespace, Watched } from "./watched.ts";

/** What somebody on call looks at. */
export interface AgentAvailabilityOperationsStackProps extends StackProps {
  readonly stage: Stage;
}

/**
 * An alarm for each promise, the dashboard, and the questions of the runbook. The data path neither needs
 * it nor knows of it; what it is called by is looked up in the stage's parameters: see docs/decisions/0012.
 */
export class AgentAvailabilityOperationsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { stage, ...props }: AgentAvailabilityOperationsStackProps,
  ) {
    super(scope, id, {
      stackName: `AgentAvailabilityOperations-${stage.name}`,
      description: "Alarms, dashboard and saved queries of agent availability",
      ...props,
    });

    const watched = new Watched(this, stage);
    this.countThrottled(watched);
    new Census(this, "Census", { watched, stage });
    const { alarms } = new Alarms(this, "Alarms", {
      promises: [...arriving(watched), ...told(watched), ...kept(watched)],
      stage,
    });
    new Answers(this, "Dashboard", {
      watched,
      alarms: [...alarms, ...this.findAlarmsOfDeployment(stage)],
    });
    new Questions(this, "Questions", { watched });
    Tags.of(this).add("application", "agent-availability-hub");
    Tags.of(this).add("stage", stage.name);
  }

  /** They stand in the stack of the data path, which a deployment may not leave. */
  private findAlarmsOfDeployment(stage: Stage): IAlarm[] {
    return stage.gradualDeploy
      ? gradualDeployAlarms.map((alarm) =>
          Alarm.fromAlarmName(this, `GradualDeploy${alarm}`, gradualDeployAlarmName(stage, alarm)),
        )
      : [];
  }

  /** API Gateway counts all that it answers with 4xx in one metric. */
  private countThrottled(watched: Watched): void {
    new MetricFilter(this, "Throttled", {
      logGroup: LogGroup.fromLogGroupName(this, "AccessLog", watched.told("AccessLogName")),
      filterPattern: FilterPattern.stringValue("$.status", "=", "429"),
      metricNamespace: throttledNamespace(watched.stage),
      metricName: "RequestsThrottled",
      metricValue: "1",
    });
  }
}
