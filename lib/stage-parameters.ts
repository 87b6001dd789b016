import { CfnOutput, type Stack } from "aws-cdk-lib";
import { StringParameter } from "aws-cdk-lib/aws-ssm";

import type { Stage } from "./stage.ts";

/**
 * Tells what a stack made, by names such as `TableName`: each as an output, and as the parameter
 * `/agent-availability/{stage}/table-name`, by which commands and lookups find it.
 */
export function tell(stack: Stack, stage: Stage, values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) {
    const parameter = name.replace(/(?<!^)(?=[A-Z])/g, "-").toLowerCase();
    new CfnOutput(stack, name, { value });
    new StringParameter(stack, `${name}Parameter`, {
      parameterName: `/agent-availability/${stage.name}/${parameter}`,
      stringValue: value,
    });
  }
}
