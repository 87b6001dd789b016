import { fileURLToPath } from "node:url";

import { CfnResource, type Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
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
import type { Stage } from "./stage.ts";

/** The folders of `functions/` that hold a handler. */
export type FunctionFolder = "census" | "deploy-check" | "ingest" | "publisher";

/** What one function of this project is about. */
export interface NodeFunctionProps {
  /** Which function it is. */
  readonly folder: FunctionFolder;

  /** What it does, for whoever finds it in the console. */
  readonly description: string;

  /** What its `handler.ts` reads. */
  readonly environment: Readonly<Record<string, string>>;

  /** Megabytes; CPU comes in proportion, one core at 1,769. */
  readonly memorySize: number;

  /** How long one invocation may take. */
  readonly timeout: Duration;

  /** Determines how long its logs are kept, and whether they are retained after the stack is deleted. */
  readonly stage: Stage;

  /**
   * The most that may run at once.
   *
   * @default - no limit but the account's
   */
  readonly reservedConcurrency?: number | undefined;
}

/** Building it again for each stack of a process would change nothing but the time it takes. */
const bundles = new Map<FunctionFolder, string>();

function bundleOf(folder: FunctionFolder): string {
  const known = bundles.get(folder) ?? bundleSync(folder);
  bundles.set(folder, known);
  return known;
}

/**
 * The one way this project makes a Lambda function: Node.js 24 on ARM, JSON logs in a group of its own,
 * and a role that can do nothing but write them until it is granted more.
 */
export class NodeFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    const { folder, stage, reservedConcurrency, ...rest } = props;
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
      // The platform's line for each start and end would cost more than all of ours.
      systemLogLevelV2: SystemLogLevel.WARN,
      ...(reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: reservedConcurrency,
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      }),
    );
    this.dependOnPolicyOf(role);
  }

  /**
   * Makes a version of what is deployed, and the alias `live` that points to it. Whoever calls the function
   * calls the alias, so that a release can be shifted to, and back.
   */
  makeLive(): Alias {
    return new Alias(this, "Live", { aliasName: "live", version: this.currentVersion });
  }

  /**
   * CDK makes a function wait for its role and for the role's policy. The first it waits for anyway, and
   * cfn-lint says so (W3005); the second it must, to be able to log and to be mapped to a stream.
   */
  private dependOnPolicyOf(role: Role): void {
    const policy = role.node.findChild("DefaultPolicy").node.defaultChild;
    const resource = this.node.defaultChild;
    if (!(policy instanceof CfnResource) || !(resource instanceof CfnResource)) {
      throw new Error("the function or its role's policy is not made as this CDK version makes it");
    }
    resource.addOverride("DependsOn", [Stack.of(this).getLogicalId(policy)]);
  }
}
