/** A cdk-nag finding that is accepted, with the reason. */
export interface Acknowledgement {
  /** Path of the construct within its stack. */
  readonly path: string;
  /** ID of the rule. For a wildcard in a policy, with the resource in brackets. */
  readonly id: string;
  /** For a reviewer. */
  readonly reason: string;
}

/** Why each function has no dead-letter queue, which only asynchronous invocations would use. By path. */
const functionReasons: Readonly<Record<string, string>> = {
  "Ingest/Function/Resource":
    "API Gateway invokes it synchronously and reports a failure to the relay, which retries.",
  "Publisher/Function/Resource":
    "The event source mapping invokes it synchronously. Records that cannot be published go to the mapping's on-failure destination.",
  "Recorder/Resource":
    "The event source mapping invokes it synchronously. Records that cannot be stored go to the mapping's on-failure destination.",
  "Reconcile/Resource":
    "SQS invokes it synchronously. A message that fails goes to the dead-letter queue.",
  "Supervisor/Resource":
    "SQS invokes it synchronously. A message that fails goes to a dead-letter queue.",
  "GradualDeploy/Check/Resource":
    "CodeDeploy waits for its result, and rolls back the deployment if it does not arrive.",
  "Census/Function/Resource":
    "It is invoked again five minutes later, and a late count is useless.",
  "Function/Resource":
    "API Gateway invokes it synchronously and reports a failure to the page, which retries.",
};

/** Queues that are dead-letter queues themselves. */
const deadLetterQueueReasons: Readonly<Record<string, string>> = {
  "Publisher/DeadLetterQueue/Resource":
    "It is a dead-letter queue. Only operators read it, with `redrive`.",
  "DeadLetterQueue/Resource":
    "It is the dead-letter queue of reconcile. The next sweep replaces a lost message.",
  "Overruns/DeadLetterQueue/Resource":
    "It is the dead-letter queue for overruns. Operators move its messages back to the main queue.",
  "Coverage/DeadLetterQueue/Resource":
    "It is the dead-letter queue for coverage. Every channel is evaluated every minute.",
  "Bus/NotForwarded/Resource": "It is the dead-letter queue of the rules that forward events.",
};

/**
 * Returns the findings that are accepted in a stage.
 *
 * @param arnOf formats an ARN of the stage as cdk-nag prints it.
 */
export function acknowledgementsOf(
  stageName: string,
  arnOf: (service: string, resource: string) => string,
): Acknowledgement[] {
  const parametersArn = arnOf("ssm", `parameter/agent-availability/${stageName}`);
  const schedulesArn = arnOf("scheduler", "schedule/<OverrunsSchedules6DEA1263>");
  return [
    ...Object.entries(functionReasons).flatMap(([path, reason]) => [
      { path, id: "Serverless::Serverless-LambdaDLQ", reason },
      {
        path,
        id: "Serverless::Serverless-LambdaTracing",
        reason:
          "A million traces cost as much as a million changes. The metric EventAge measures the time from end to end.",
      },
    ]),
    ...Object.entries(deadLetterQueueReasons).flatMap(([path, reason]) => [
      { path, id: "Serverless::Serverless-SQSRedrivePolicy", reason },
      { path, id: "AwsSolutions-SQS3", reason },
    ]),
    {
      path: "Coverage/Schedule/Resource",
      id: "Serverless::Serverless-EventBusDLQ",
      reason: "Every channel is evaluated every minute.",
    },
    {
      path: "Supervisor/EventInvokeConfig/Resource",
      id: "Serverless::Serverless-LambdaAsyncFailureDestination",
      reason: "Every channel is evaluated every minute, and an alarm counts the failures.",
    },
    {
      path: "Census/Schedule/Resource",
      id: "Serverless::Serverless-EventBusDLQ",
      reason: "It is invoked again five minutes later, and a late count is useless.",
    },
    ...[
      "IngestAlarms",
      "PublisherAlarms",
      "CostAndMonitoringAlarms",
      "MaintenanceAlarms",
      "ReconcileAlarms",
      "HistoryAlarms",
      "SupervisionAlarms",
      "BoardAlarms",
      "GradualDeploy/IngestAlarms",
      "GradualDeploy/PublisherAlarms",
    ].map((group) => ({
      path: `${group}/Cleared/Resource`,
      id: "Serverless::Serverless-EventBusDLQ",
      reason:
        "It sends one notification that an alarm has cleared. The alarm's state remains visible in CloudWatch.",
    })),
    {
      path: "Ingest/Api/POST--v1--accounts--{accountId}--availability-events/Resource",
      id: "AwsSolutions-APIG4",
      reason:
        "Requests are authorized by a signature over the raw body, which API Gateway does not pass to an authorizer.",
    },
    ...["GET--", "GET--{file}"].map((route) => ({
      path: `Api/${route}/Resource`,
      id: "AwsSolutions-APIG4",
      reason:
        "Anyone may load the page, which contains no data. The data route has a JWT authorizer.",
    })),
    {
      path: "Ingest/SigningKeys",
      id: "AwsSolutions-SMG4",
      reason:
        "A person has to paste a new key into the relay's settings in Freshdesk, so keys cannot be rotated on a schedule.",
    },
    {
      path: "ApiKeys",
      id: "AwsSolutions-SMG4",
      reason:
        "Freshdesk has no API that replaces an API key. An administrator has to copy a new one from their profile.",
    },
    ...[
      "Reconcile/SqsEventSource:AgentAvailabilityReconcileQueue31D0D134",
      "Supervisor/SqsEventSource:AgentAvailabilitySupervisionOverrunsQueueABFC06F6",
      "Supervisor/SqsEventSource:AgentAvailabilitySupervisionCoverageQueue9EEB273E",
    ].map((mapping) => ({
      path: `${mapping}/Resource`,
      id: "Serverless::Serverless-LambdaEventSourceMappingDestination",
      reason:
        "Mappings of queues support no destination. The queue has a dead-letter queue instead.",
    })),
    ...["Publisher/OnFailureDestination/Resource", "OnFailureDestination/Resource"].map((path) => ({
      path,
      id: "AwsSolutions-S1",
      reason:
        "Only Lambda writes to it, after 22 hours of failures, and objects expire after 14 days. A bucket for its access logs would contain more data than the bucket itself.",
    })),
    ...[
      { role: "Publisher/FunctionRole", bucket: "PublisherOnFailureDestinationE9907FAB" },
      { role: "RecorderRole", bucket: "OnFailureDestination35ECD3C4" },
    ].map(({ role, bucket }) => ({
      path: `${role}/DefaultPolicy/Resource`,
      id: `AwsSolutions-IAM5[Resource::<${bucket}.Arn>/*]`,
      reason: "Lambda chooses the object keys. The bucket is used for nothing else.",
    })),
    {
      path: "SupervisorRole/DefaultPolicy/Resource",
      id: `AwsSolutions-IAM5[Resource::${schedulesArn}/*]`,
      reason: "The function derives the names of its schedules. The group contains nothing else.",
    },
    {
      path: "GradualDeploy/CheckRole/DefaultPolicy/Resource",
      id: "AwsSolutions-IAM5[Resource::<IngestFunctionB02ED0EB.Arn>:*]",
      reason:
        "It invokes any version of this one function: a permission for only the new version might not be effective in time.",
    },
    ...["Ingest", "Publisher"].map((group) => ({
      path: `GradualDeploy/${group}/ServiceRole/Resource`,
      id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
      reason:
        "The narrower of the two AWS managed policies for CodeDeploy. The CDK adds it to the role of every deployment group.",
    })),
    {
      path: "GradualDeploy/Ingest/ServiceRole/DefaultPolicy/Resource",
      id: "AwsSolutions-IAM5[Resource::<GradualDeployCheck67DD1409.Arn>:*]",
      reason:
        "The CDK adds it so that CodeDeploy may invoke the check, of which only one version exists.",
    },
    {
      path: "Lookups/Policy/Resource",
      id: "AwsSolutions-IAM5[Resource::<StoreTable0CCFA19B.Arn>/index/*]",
      reason: "Lookups may query every index of this table, including future ones.",
    },
    {
      path: "Lookups/Policy/Resource",
      id: `AwsSolutions-IAM5[Resource::${parametersArn}/*]`,
      reason: "Only the stage's parameters have this prefix, and none of them is secret.",
    },
  ];
}
