import { Duration, Stack, type StackProps, Tags } from "aws-cdk-lib";
import { EventBus } from "aws-cdk-lib/aws-events";
import type { Construct } from "constructs";

import { NodeFunction } from "../node-function.ts";
import { busNameOf } from "../stage-names.ts";
import { addStageParameters, stageParameter } from "../stage-parameters.ts";
import type { Stage } from "../stage.ts";

/** Publishes events for alerts. A consumer of the bus like any other: the data path does not depend on it. */
export class AgentAvailabilitySupervisionStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { stage, ...props }: StackProps & { readonly stage: Stage },
  ) {
    super(scope, id, {
      stackName: `AgentAvailabilitySupervision-${stage.name}`,
      description: "Events about agents who stay in a status too long, and channels without agents",
      ...props,
    });

    const eventBus = EventBus.fromEventBusName(this, "Bus", busNameOf(stage));
    const supervisor = new NodeFunction(this, "Supervisor", {
      folder: "supervision",
      description: "Determines overruns and coverage, and publishes them",
      environment: {
        STAGE: stage.name,
        TABLE_NAME: stageParameter(this, stage.name, "TableName"),
        BUS_NAME: eventBus.eventBusName,
        PERSONAL_DATA_IN_EVENTS: String(stage.personalDataInEvents),
        STATUS_LIMITS: JSON.stringify(stage.statusLimits),
        COVERAGE: JSON.stringify(stage.coverage),
      },
      memorySize: 256,
      timeout: Duration.seconds(30),
      stage,
    });
    eventBus.grantPutEventsTo(supervisor);

    addStageParameters(this, stage.name, {
      SupervisionFunctionName: supervisor.functionName,
      SupervisionLogName: supervisor.logGroup.logGroupName,
    });
    Tags.of(this).add("application", "agent-availability-hub");
    Tags.of(this).add("stage", stage.name);
  }
}
