import { Template } from "aws-cdk-lib/assertions";

import { readStage } from "../../../lib/stage.ts";
import { AgentAvailabilitySupervisionStack } from "../../../lib/supervision/agent-availability-supervision-stack.ts";
import { anApp } from "../synthesized.ts";

/** A limit of a status, without which the stack has nothing about overruns. */
export const statusLimits = [{ status: "On break", minutes: 15 }];

/** A minimum of one agent, without which the stack evaluates no coverage. */
export const coverage = [{ channel: "freshcaller", minimum: 1 }];

/** Synthesizes the supervision stack of stage `blue`. */
export function supervisionTemplate(settings: object): Template {
  const stack = new AgentAvailabilitySupervisionStack(anApp(), "AgentAvailabilitySupervision", {
    stage: readStage("blue", { blue: settings }),
    env: { account: "123456789012", region: "eu-central-1" },
  });
  return Template.fromStack(stack);
}
