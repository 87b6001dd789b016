import { Template } from "aws-cdk-lib/assertions";

import { AgentAvailabilityOperationsStack } from "../../../lib/operations/agent-availability-operations-stack.ts";
import { readStage } from "../../../lib/stage.ts";
import { anApp, type Resource, resourcesOf } from "../synthesized.ts";
import type { AlarmProperties } from "./evaluate.ts";

/** The operations' template of a stage called `blue`. */
export function operationsOf(settings: object = {}): Template {
  const stack = new AgentAvailabilityOperationsStack(anApp(), "Operations", {
    stage: readStage("blue", { blue: settings }),
    env: { account: "123456789012", region: "eu-central-1" },
  });
  return Template.fromStack(stack);
}

/** Its alarms by the name of their promise. */
export function alarmsOf(template: Template): Record<string, AlarmProperties> {
  const alarms = Object.values(resourcesOf(template, "AWS::CloudWatch::Alarm"));
  return Object.fromEntries(
    alarms.map(({ Properties: properties }: Resource) => [
      String(properties["AlarmName"]).replace("agent-availability-blue-", ""),
      properties as unknown as AlarmProperties,
    ]),
  );
}
