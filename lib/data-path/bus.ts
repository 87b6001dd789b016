import { Stack } from "aws-cdk-lib";
import { EventBus, Rule } from "aws-cdk-lib/aws-events";
import { EventBus as EventBusTarget } from "aws-cdk-lib/aws-events-targets";
import {
  AccountPrincipal,
  type IPrincipal,
  OrganizationPrincipal,
  PolicyStatement,
} from "aws-cdk-lib/aws-iam";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import { SOURCE } from "../../functions/availability/typed-event.ts";
import { createDeadLetterQueue } from "../queue.ts";
import { removalPolicyOf } from "../removal-policy.ts";
import type { Stage } from "../stage.ts";
import { busNameOf } from "../stage-names.ts";

/**
 * The actions that a consumer in another AWS account may perform on the rules that it created, as in
 * EventBridge's example policy "restrict updates". Putting events is not one of them.
 */
const ruleActions = [
  "events:PutRule",
  "events:DeleteRule",
  "events:DescribeRule",
  "events:DisableRule",
  "events:EnableRule",
  "events:PutTargets",
  "events:RemoveTargets",
  "events:ListTargetsByRule",
  // CloudFormation reads a rule's tags. IAM cannot limit this action to the rules of one account.
  "events:ListTagsForResource",
  "events:TagResource",
  "events:UntagResource",
];

function consumersOf({ consumers }: Stage): IPrincipal[] {
  const { accountIds, organizationId } = consumers;
  return [
    ...accountIds.map((accountId) => new AccountPrincipal(accountId)),
    ...(organizationId === null ? [] : [new OrganizationPrincipal(organizationId)]),
  ];
}

export class Bus extends Construct {
  readonly eventBus: EventBus;

  /** Events that could not be forwarded; `undefined` if the stage forwards none. */
  readonly notForwardedQueue: IQueue | undefined;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: Stage }) {
    super(scope, id);

    this.eventBus = new EventBus(this, "Resource", {
      eventBusName: busNameOf(stage),
      description: `Typed agent availability events, stage ${stage.name}`,
    });
    const consumers = consumersOf(stage);
    if (consumers.length > 0) {
      this.allowRulesOf(consumers);
    }
    this.notForwardedQueue = stage.forwardTo.length > 0 ? this.forward(stage) : undefined;
  }

  private allowRulesOf(consumers: IPrincipal[]): void {
    const rulesArn = Stack.of(this).formatArn({
      service: "events",
      resource: "rule",
      resourceName: `${this.eventBus.eventBusName}/*`,
    });
    for (const [index, consumer] of consumers.entries()) {
      this.eventBus.addToResourcePolicy(
        new PolicyStatement({
          sid: `RulesOfConsumer${index}`,
          principals: [consumer],
          actions: ruleActions,
          resources: [rulesArn],
          conditions: {
            StringEqualsIfExists: { "events:creatorAccount": "${aws:PrincipalAccount}" },
          },
        }),
      );
    }
  }

  private forward(stage: Stage): IQueue {
    const removalPolicy = removalPolicyOf(stage);
    const undelivered = createDeadLetterQueue(this, "NotForwarded", { removalPolicy });
    for (const [index, arn] of stage.forwardTo.entries()) {
      const bus = EventBus.fromEventBusArn(this, `Forwarded${index}`, arn);
      new Rule(this, `Forward${index}`, {
        eventBus: this.eventBus,
        description: "Forwards every event to a bus in another region or AWS account",
        eventPattern: { source: [SOURCE] },
        targets: [new EventBusTarget(bus, { deadLetterQueue: undelivered })],
      });
    }
    return undelivered;
  }
}
