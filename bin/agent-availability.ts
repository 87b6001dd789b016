import { Annotations, App } from "aws-cdk-lib";

import { createStacks } from "../lib/stacks.ts";
import { StageError, stageOf } from "../lib/stage.ts";
import { warningsOf } from "../lib/stage-warnings.ts";

const app = new App();

try {
  const stage = stageOf(app.node);
  const [dataPath] = createStacks(app, {
    stage,
    env: { account: process.env["CDK_DEFAULT_ACCOUNT"], region: process.env["CDK_DEFAULT_REGION"] },
  });
  for (const { id, message } of warningsOf(stage)) {
    Annotations.of(dataPath).addWarningV2(id, message);
  }
} catch (error) {
  if (!(error instanceof StageError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
