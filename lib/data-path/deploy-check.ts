import { Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

import { NodeFunction } from "../node-function.ts";
import type { Stage } from "../stage.ts";
import type { Ingest } from "./ingest.ts";

/** The properties of the check. */
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
        SIGNING_KEYS_SECRET_ARN: ingest.signingKeys.secretArn,
        ALLOWED_SOURCES: stage.allowedSources.join(" "),
      },
      memorySize: 256,
      timeout: Duration.minutes(1),
      stage,
    });
    this.addToRolePolicy(
      new PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        // All versions, because a permission for the new one might not be effective in time.
        resources: [`${ingest.live.lambda.functionArn}:*`],
      }),
    );
    this.addToRolePolicy(
      new PolicyStatement({
        actions: ["secretsmanager:GetSecretValue"],
        resources: [ingest.signingKeys.secretArn],
      }),
    );
  }
}
