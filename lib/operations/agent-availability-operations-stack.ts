import { Alarm, type IAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import type { Stage } from "../stage.ts";
import { alarmNameOf, gradualDeployAlarmNames } from "../stage-names.ts";
import { AlarmGroup } from "../alarm-group.ts";
import { countThrottledRequests } from "../http-api-stage.ts";
import { StageStack, type StageStackProps } from "../stage-stack.ts";
import { Census } from "./census.ts";
import { costAndMonitoringAlarms } from "./cost-and-monitoring-alarms.ts";
import { ingestAlarms } from "./ingest-alarms.ts";
import { maintenanceAlarms } from "./maintenance-alarms.ts";
import { OperationsDashboard } from "./operations-dashboard.ts";
import { publisherAlarms } from "./publisher-alarms.ts";
import { SavedQueries } from "./saved-queries.ts";
import { StageMetrics } from "./stage-metrics.ts";

/**
 * Alarms, dashboard, saved queries and census of a stage. The data path does not depend on this stack, which
 * finds it through the stage parameters: see docs/decisions/0007-stacks-without-references.md.
 */
export class AgentAvailabilityOperationsStack extends StageStack {
  constructor(scope: Construct, id: string, props: StageStackProps) {
    super(scope, id, {
      name: "AgentAvailabilityOperations",
      description: "Alarms, dashboard and saved queries of agent availability",
      ...props,
    });
    const { stage } = props;

    const metrics = new StageMetrics(this, stage);
    const accessLog = LogGroup.fromLogGroupName(this, "AccessLog", this.parameter("AccessLogName"));
    countThrottledRequests(this, accessLog, stage, "RequestsThrottled");
    const census = new Census(this, "Census", { metrics });
    const groups = {
      IngestAlarms: ingestAlarms(metrics),
      PublisherAlarms: publisherAlarms(metrics),
      CostAndMonitoringAlarms: costAndMonitoringAlarms(metrics, census),
      MaintenanceAlarms: maintenanceAlarms(metrics),
    };
    const alarms = Object.entries(groups).flatMap(
      ([groupId, definitions]) => new AlarmGroup(this, groupId, { stage, definitions }).alarms,
    );
    new OperationsDashboard(this, "Dashboard", {
      metrics,
      alarms: [...alarms, ...this.deploymentAlarms(stage)],
    });
    new SavedQueries(this, "SavedQueries", { metrics });
  }

  /** These alarms belong to the data path's stack, where CodeDeploy needs them. */
  private deploymentAlarms(stage: Stage): IAlarm[] {
    return stage.gradualDeploy
      ? gradualDeployAlarmNames.map((name) =>
          Alarm.fromAlarmName(this, name, alarmNameOf(stage, name)),
        )
      : [];
  }
}
