import { Duration } from "aws-cdk-lib";
import { EventBus } from "aws-cdk-lib/aws-events";
import type { Construct } from "constructs";

import { AlarmGroup } from "../alarm-group.ts";
import { AgentAvailabilityHub } from "../consumer/agent-availability-hub.ts";
import { NodeFunction } from "../node-function.ts";
import { busNameOf } from "../stage-names.ts";
import { type Stage, StageError } from "../stage.ts";
import { StageStack, type StageStackProps } from "../stage-stack.ts";
import { coverageAlarms } from "./coverage-alarms.ts";
import { Coverage, createCoverageTable } from "./coverage.ts";
import { overrunAlarms } from "./overrun-alarms.ts";
import { Overruns } from "./overruns.ts";

/** Lambda allows 4 KB of environment variables. Those other than the settings take less than 1.5 KB. */
const MAX_SETTINGS_BYTES = 2500;

/** Returns the settings as the function reads them. @throws StageError if they are too long. */
function settingsOf({ name, statusLimits, coverage }: Stage) {
  const settings = {
    STATUS_LIMITS: JSON.stringify(statusLimits),
    COVERAGE: JSON.stringify(coverage),
  };
  const bytes = Buffer.byteLength(Object.values(settings).join(""));
  if (bytes > MAX_SETTINGS_BYTES) {
    throw new StageError(
      `statusLimits and coverage must together be at most ${MAX_SETTINGS_BYTES} bytes of JSON (got ${bytes}) in stage "${name}" of cdk.json`,
    );
  }
  return settings;
}

/** Publishes status overruns and changes of coverage. The data path does not depend on this stack. */
export class AgentAvailabilitySupervisionStack extends StageStack {
  constructor(scope: Construct, id: string, props: StageStackProps) {
    super(scope, id, {
      name: "AgentAvailabilitySupervision",
      description:
        "Events about agents who stay in a status too long, and channels with too few agents",
      ...props,
    });
    const { stage } = props;

    const settings = settingsOf(stage);
    const eventBus = EventBus.fromEventBusName(this, "Bus", busNameOf(stage));
    const supervisor = new NodeFunction(this, "Supervisor", {
      folder: "supervision",
      description: "Publishes status overruns and changes of channel coverage",
      environment: {
        STAGE: stage.name,
        TABLE_NAME: this.parameter("TableName"),
        BUS_NAME: eventBus.eventBusName,
        PERSONAL_DATA_IN_EVENTS: String(stage.personalDataInEvents),
        ...settings,
      },
      memorySize: 256,
      timeout: Duration.seconds(30),
      stage,
    });
    eventBus.grantPutEventsTo(supervisor);
    const hub = AgentAvailabilityHub.fromEventBus(eventBus);
    const tableArn = this.parameter("TableArn");
    const overruns =
      stage.statusLimits.length === 0
        ? undefined
        : new Overruns(this, "Overruns", { hub, supervisor, tableArn });
    const coverageTable = createCoverageTable(this);
    const coverage =
      stage.coverage.length === 0
        ? undefined
        : new Coverage(this, "Coverage", {
            coverage: stage.coverage,
            coverageTable,
            hub,
            supervisor,
            tableArn,
          });
    new AlarmGroup(this, "SupervisionAlarms", {
      stage,
      definitions: [
        ...(overruns ? overrunAlarms(overruns) : []),
        ...(coverage ? coverageAlarms(supervisor, coverage) : []),
      ],
    });

    this.addParameters({
      // The board shows coverage and limits if these parameters exist.
      ...(coverage && {
        CoverageDeadLetterQueueUrl: coverage.deadLetterQueue.queueUrl,
        CoverageTableName: coverageTable.tableName,
      }),
      ...(overruns && {
        OverrunDeadLetterQueueUrl: overruns.deadLetterQueue.queueUrl,
        OverrunQueueUrl: overruns.queue.queueUrl,
        StatusLimits: settings.STATUS_LIMITS,
      }),
      SupervisionFunctionName: supervisor.functionName,
      SupervisionLogName: supervisor.logGroup.logGroupName,
    });
  }
}
