import { Template } from "aws-cdk-lib/assertions";

import { AgentAvailabilityHistoryStack } from "../../../lib/history/agent-availability-history-stack.ts";
import { readStage } from "../../../lib/stage.ts";
import { anApp } from "../synthesized.ts";

/** Synthesizes the history stack of stage `blue`. */
export function historyTemplate(settings: object = {}): Template {
  const stack = new AgentAvailabilityHistoryStack(anApp(), "AgentAvailabilityHistory", {
    stage: readStage("blue", { blue: settings }),
    env: { account: "123456789012", region: "eu-central-1" },
  });
  return Template.fromStack(stack);
}
