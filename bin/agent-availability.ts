import { App } from "aws-cdk-lib";

import { createStacks } from "../lib/stacks.ts";
import { StageError, stageOf } from "../lib/stage.ts";

const app = new App();

try {
  createStacks(app, {
    stage: stageOf(app.node),
    env: { account: process.env["CDK_DEFAULT_ACCOUNT"], region: process.env["CDK_DEFAULT_REGION"] },
  });
} catch (error) {
  if (!(error instanceof StageError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
