import { Duration, Stack } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

import { knownChannels } from "../../functions/availability/change.ts";
import { availableIndex } from "../../functions/store/attributes.ts";
import { NodeFunction } from "../node-function.ts";
import type { Stage } from "../stage.ts";
import type { Watched } from "./watched.ts";

/** What the census needs to know. */
export interface CensusProps {
  /** Says which table. */
  readonly watched: Watched;

  readonly stage: Stage;
}

/** Counts, every five minutes, how many agents are available on each channel. */
export class Census extends Construct {
  constructor(scope: Construct, id: string, { watched, stage }: CensusProps) {
    super(scope, id);

    const census = new NodeFunction(this, "Function", {
      folder: "census",
      description: "Counts how many agents are available on each channel",
      environment: { STAGE: stage.name, TABLE_NAME: watched.told("TableName") },
      memorySize: 128,
      timeout: Duration.seconds(30),
      stage,
    });
    const tableArn = watched.told("TableArn");
    census.addToRolePolicy(
      new PolicyStatement({
        actions: ["dynamodb:Scan"],
        resources: knownChannels.map(
          (channel) => `${tableArn}/index/${availableIndex(channel).name}`,
        ),
      }),
    );
    new Rule(this, "Schedule", {
      description: `${Stack.of(this).stackName}: counts who is available`,
      schedule: Schedule.rate(Duration.minutes(5)),
      // Limits only EventBridge's retries. Lambda runs a function that failed up to twice more, which does
      // no harm: each run counts again.
      targets: [new LambdaFunction(census, { retryAttempts: 0 })],
    });
  }
}
