import { Stack, type StackProps, Tags } from "aws-cdk-lib";
import type { Construct } from "constructs";

import { addStageParameters, stageParameter, type StageValues } from "./stage-parameters.ts";
import type { StageOutput } from "./stage-parameter-names.ts";
import type { Stage } from "./stage.ts";

export interface StageStackProps extends StackProps {
  readonly stage: Stage;
}

/** A stack of a stage. Its name ends with the name of the stage, and its resources are tagged with that name. */
export class StageStack extends Stack {
  protected readonly stage: Stage;

  /** @param props.name the stack's name without the stage. */
  constructor(
    scope: Construct,
    id: string,
    { name, stage, ...props }: StageStackProps & { readonly name: string },
  ) {
    super(scope, id, { stackName: `${name}-${stage.name}`, ...props });
    this.stage = stage;
    Tags.of(this).add("application", "agent-availability-hub");
    Tags.of(this).add("stage", stage.name);
  }

  /** Publishes values of the stage, each as a stack output and as an SSM parameter. */
  protected addParameters(values: StageValues): void {
    addStageParameters(this, this.stage.name, values);
  }

  /** Returns the value of a stage parameter, which CloudFormation reads when it deploys this stack. */
  protected parameter(output: StageOutput): string {
    return stageParameter(this, this.stage.name, output);
  }
}
