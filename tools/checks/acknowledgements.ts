/** A finding that is wanted, and why. */
export interface Acknowledgement {
  /** The construct that it is about, from its stack. */
  readonly path: string;
  /** The rule of cdk-nag or Checkov; one of cdk-nag's about a wildcard, with the resource that it stands in. */
  readonly id: string;
  /** For a reviewer. */
  readonly reason: string;
}

/** Every function, and why it has no dead-letter queue. */
export const functions = [
  {
    path: "Ingest/Function/Resource",
    deadLetters:
      "API Gateway waits for it, and tells the relay of a failure, which repeats; a dead-letter queue is for calls that nobody waits for.",
  },
  {
    path: "Publisher/Function/Resource",
    deadLetters:
      "The stream's mapping calls it and waits; what it cannot get through goes whole to the mapping's failure destination.",
  },
  {
    path: "GradualDeploy/Check/Resource",
    deadLetters:
      "CodeDeploy waits for what it reports, and takes the release back where nothing is reported.",
  },
  {
    path: "Census/Function/Resource",
    deadLetters: "It is called again five minutes later, and a count that is late is of no use.",
  },
];

/** What cdk-nag's Serverless finds in every function. */
const ofFunctions = functions.flatMap(({ path, deadLetters }): Acknowledgement[] => [
  { path, id: "Serverless::Serverless-LambdaDLQ", reason: deadLetters },
  {
    path,
    id: "Serverless::Serverless-LambdaTracing",
    reason:
      "A million traces cost as much as a million changes; how long a change takes from end to end is a metric, EventAge.",
  },
]);

/** What cdk-nag finds and this project does on purpose, in a stage of that name. */
export function acknowledgementsOf(stageName: string): Acknowledgement[] {
  const parameters = `arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/agent-availability/${stageName}`;
  return [
    ...ofFunctions,
    {
      path: "Publisher/DeadLetterQueue/Resource",
      id: "Serverless::Serverless-SQSRedrivePolicy",
      reason: "It is itself a dead-letter queue. Only operators consume it.",
    },
    {
      path: "Bus/NotForwarded/Resource",
      id: "Serverless::Serverless-SQSRedrivePolicy",
      reason: "It is itself the dead-letter queue, of the rules that forward.",
    },
    {
      path: "Census/Schedule/Resource",
      id: "Serverless::Serverless-EventBusDLQ",
      reason: "It is called again five minutes later, and a count that is late is of no use.",
    },
    {
      path: "Ingest/Api/POST--v1--accounts--{accountId}--availability-events/Resource",
      id: "AwsSolutions-APIG4",
      reason:
        "Requests are authorized by their signature over the raw body, which only the function sees: an authorizer of API Gateway is not given it.",
    },
    {
      path: "Ingest/SigningKeys",
      id: "AwsSolutions-SMG4",
      reason:
        "A new key has to be pasted into the relay's settings in Freshdesk by a person, so that none can be made on a schedule.",
    },
    {
      path: "Publisher/DeadLetterQueue/Resource",
      id: "AwsSolutions-SQS3",
      reason: "It is itself a dead-letter queue. Only operators consume it.",
    },
    {
      path: "Bus/NotForwarded/Resource",
      id: "AwsSolutions-SQS3",
      reason:
        "It is itself the dead-letter queue, of the rules that forward; cdk-nag looks only for queues that name one.",
    },
    {
      path: "Publisher/OnFailureDestination/Resource",
      id: "AwsSolutions-S1",
      reason:
        "Lambda alone writes it, and only after 22 hours of failure, and it is emptied after 14 days; a second bucket, of its access logs, would hold more than it does.",
    },
    {
      path: "Publisher/FunctionRole/DefaultPolicy/Resource",
      id: "AwsSolutions-IAM5[Resource::<PublisherOnFailureDestinationE9907FAB.Arn>/*]",
      reason:
        "Lambda names the objects that it stores failed records in; the bucket is theirs alone.",
    },
    {
      path: "GradualDeploy/CheckRole/DefaultPolicy/Resource",
      id: "AwsSolutions-IAM5[Resource::<IngestFunctionB02ED0EB.Arn>:*]",
      reason:
        "Any version of this one function: the right to call just the one that is being deployed might not have got round before it is called.",
    },
    ...["Ingest", "Publisher"].map((group) => ({
      path: `GradualDeploy/${group}/ServiceRole/Resource`,
      id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
      reason:
        "It is the narrower of the two policies that AWS makes for this and keeps up with what CodeDeploy does; CDK adds it to any role of a deployment group.",
    })),
    {
      path: "GradualDeploy/Ingest/ServiceRole/DefaultPolicy/Resource",
      id: "AwsSolutions-IAM5[Resource::<GradualDeployCheck67DD1409.Arn>:*]",
      reason:
        "What CDK adds so that CodeDeploy may call the check; it has no version but the one that is deployed.",
    },
    {
      path: "Lookups/Policy/Resource",
      id: "AwsSolutions-IAM5[Resource::<StoreTable0CCFA19B.Arn>/index/*]",
      reason:
        "Lookups may query every index of this table, those that are still to come among them.",
    },
    {
      path: "Lookups/Policy/Resource",
      id: `AwsSolutions-IAM5[Resource::${parameters}/*]`,
      reason:
        "A stage tells its names under this path and nothing else, and none of them is secret.",
    },
  ];
}
