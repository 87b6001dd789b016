import { fileURLToPath } from "node:url";

import { type Duration, Stack } from "aws-cdk-lib";
import {
  PolicyStatement,
  type PolicyStatementProps,
  Role,
  ServicePrincipal,
} from "aws-cdk-lib/aws-iam";
import {
  Alias,
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import { bundleSync } from "./bundle.ts";
import { removalPolicyOf } from "./removal-policy.ts";
import { resourceOf } from "./resource-of.ts";
import type { Stage } from "./stage.ts";

/** The folders of `functions/` that hold a handler. */
export type FunctionFolder =
  | "board"
  | "census"
  | "deploy-check"
  | "history"
  | "ingest"
  | "publisher"
  | "reconcile"
  | "supervision";

export interface NodeFunctionProps {
  readonly folder: FunctionFolder;

  /** The function's description in the console. */
  readonly description: string;

  /** The environment variables that the function's `handler.ts` reads. */
  readonly environment: Readonly<Record<string, string>>;

  /** Megabytes. CPU is proportional: one core at 1,769 MB. */
  readonly memorySize: number;

  /** The longest duration of an invocation. */
  readonly timeout: Duration;

  /** Determines how long its logs are kept, and whether they are retained after the stack is deleted. */
  readonly stage: Stage;

  /**
   * The maximum number of concurrent invocations.
   *
   * @default - limited only by the AWS account
   */
  readonly reservedConcurrentExecutions?: number;
}

/** Bundles by folder: each function is bundled once per process, even if several stacks use it. */
const bundles = new Map<FunctionFolder, string>();

function bundleOf(folder: FunctionFolder): string {
  const outdir = bundles.get(folder) ?? bundleSync(folder);
  bundles.set(folder, outdir);
  return outdir;
}

/**
 * A Lambda function of this project: Node.js 24 on ARM, JSON logs in its own log group, and a role that may
 * only write them until it is granted more.
 */
export class NodeFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    const { folder, stage, ...rest } = props;
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: stage.logRetentionDays,
      removalPolicy: removalPolicyOf(stage),
    });
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    super(scope, id, {
      ...rest,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(
        Stack.of(scope).bundlingRequired
          ? bundleOf(folder)
          : fileURLToPath(new URL(`../functions/${folder}`, import.meta.url)),
      ),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      // Lambda's own lines for each start and end would cost more than all of ours.
      systemLogLevelV2: SystemLogLevel.WARN,
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      }),
    );
    this.dependOnPolicyOf(role);
  }

  /** Allows the function to perform actions on resources, under the conditions if any are given. */
  allow(
    actions: string[],
    resources: string[],
    conditions?: PolicyStatementProps["conditions"],
  ): void {
    this.addToRolePolicy(new PolicyStatement({ actions, resources, conditions }));
  }

  /**
   * Creates a version of the deployed code and the alias `live` that points to it. All callers invoke the
   * alias, so that traffic can be shifted to a new version and back.
   */
  createLiveAlias(): Alias {
    return new Alias(this, "Live", { aliasName: "live", version: this.currentVersion });
  }

  /**
   * Depends on the policy of the role only, which the function needs to write logs and to read a stream. The
   * CDK also adds the role itself, which cfn-lint reports as redundant (W3005).
   */
  private dependOnPolicyOf(role: Role): void {
    const policy = resourceOf(role.node.findChild("DefaultPolicy"));
    resourceOf(this).addOverride("DependsOn", [Stack.of(this).getLogicalId(policy)]);
  }
}
