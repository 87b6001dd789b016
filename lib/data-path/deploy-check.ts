import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";

import { NodeFunction } from "../node-function.ts";
import type { Stage } from "../stage.ts";
import type { Ingest } from "./ingest.ts";

export interface DeployCheckProps {
  /** The component whose new versions are checked. */
  readonly ingest: Ingest;

  readonly stage: Stage;
}

/** The function that CodeDeploy invokes to check a new version of ingest before it receives requests. */
export class DeployCheck extends NodeFunction {
  constructor(scope: Construct, id: string, { ingest, stage }: DeployCheckProps) {
    super(scope, id, {
      folder: "deploy-check",
      description: "Checks a new version of ingest with pings before it receives requests",
      environment: {
        VERSION_ARN: ingest.live.version.functionArn,
        SIGNING_KEYS_SECRET_ARN: ingest.signingKeysArn,
        ALLOWED_SOURCES: stage.allowedSources.join(" "),
      },
      memorySize: 256,
      timeout: Duration.minutes(1),
      stage,
    });
    // All versions, because a permission for the new one might not be effective in time.
    this.allow(["lambda:InvokeFunction"], [`${ingest.live.lambda.functionArn}:*`]);
    this.allow(["secretsmanager:GetSecretValue"], [ingest.signingKeysArn]);
  }
}
