import { Template } from "aws-cdk-lib/assertions";

import { AgentAvailabilityOperationsStack } from "../../../lib/operations/agent-availability-operations-stack.ts";
import { readStage } from "../../../lib/stage.ts";
import { anApp, type Resource, resourcesOf } from "../synthesized.ts";
import type { AlarmProperties } from "./evaluate.ts";

/** Synthesizes the operations stack of a stage. */
export function operationsTemplate(settings: object = {}, stageName = "blue"): Template {
  const stack = new AgentAvailabilityOperationsStack(anApp(), "Operations", {
    stage: readStage(stageName, { [stageName]: settings }),
    env: { account: "123456789012", region: "eu-central-1" },
  });
  return Template.fromStack(stack);
}

/**
 * Returns the alarms of a template of stage `blue` by the name of their definition. An alarm that a rule for consumers
 * creates has no name, and notifies no one.
 */
export function alarmsOf(template: Template): Record<string, AlarmProperties> {
  const alarms = Object.values(resourcesOf(template, "AWS::CloudWatch::Alarm"));
  const named = alarms.filter(({ Properties: properties }) => "AlarmName" in properties);
  return Object.fromEntries(
    named.map(({ Properties: properties }: Resource) => [
      String(properties["AlarmName"]).replace("agent-availability-blue-", ""),
      properties as unknown as AlarmProperties,
    ]),
  );
}
