import { App } from "aws-cdk-lib";

import { AgentAvailabilityStack } from "../lib/agent-availability-stack.ts";
import { StageError, stageOf } from "../lib/stage.ts";

const app = new App();

try {
  const stage = stageOf(app.node);
  new AgentAvailabilityStack(app, "AgentAvailability", {
    stage,
    env: { account: process.env["CDK_DEFAULT_ACCOUNT"], region: process.env["CDK_DEFAULT_REGION"] },
  });
} catch (error) {
  if (!(error instanceof StageError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
