import { CfnOutput, Stack } from "aws-cdk-lib";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";

import {
  parameterName,
  parametersPath,
  type StageOutput,
  stageParameters,
} from "./stage-parameter-names.ts";

/** Values to publish, by the name of their stack output. */
export type StageValues = Readonly<Partial<Record<StageOutput, string>>>;

function isStageOutput(name: string): name is StageOutput {
  return Object.hasOwn(stageParameters, name);
}

/** Publishes values of a stage, each as a stack output and as an SSM parameter. */
export function addStageParameters(stack: Stack, stage: string, values: StageValues): void {
  for (const [output, value] of Object.entries(values)) {
    if (!isStageOutput(output)) {
      const allowed = Object.keys(stageParameters).join(", ");
      throw new Error(`a stage output must be one of ${allowed} (got ${output})`);
    }
    new CfnOutput(stack, output, { value });
    new StringParameter(stack, `${output}Parameter`, {
      parameterName: parameterName(stage, stageParameters[output]),
      stringValue: value,
    });
  }
}

/** Returns the value of a stage parameter, which CloudFormation reads when it deploys the scope's stack. */
export function stageParameter(scope: Construct, stage: string, output: StageOutput): string {
  return StringParameter.valueForStringParameter(
    scope,
    parameterName(stage, stageParameters[output]),
  );
}

/** Returns the ARN pattern of all parameters of a stage, in the account and region of the scope's stack. */
export function stageParametersArn(scope: Construct, stage: string): string {
  return Stack.of(scope).formatArn({
    service: "ssm",
    resource: "parameter",
    resourceName: `${parametersPath(stage).slice(1)}*`,
  });
}
