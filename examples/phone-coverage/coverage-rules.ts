import { AgentAvailabilityHub, AgentAvailabilityRule } from "agent-availability-hub/consumer";
import { Duration } from "aws-cdk-lib";
import { EventField, type IRuleTarget } from "aws-cdk-lib/aws-events";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

/** The values that a message can contain. EventBridge inserts them. */
export interface PhoneCoverage {
  readonly text: string;
  readonly accountId: string;
  readonly covered: string;
  readonly available: string;
  readonly minimum: string;
  readonly since: string;
}

const field = (name: string) => EventField.fromPath(`$.detail.${name}`);
const fields = {
  accountId: field("accountId"),
  covered: field("covered"),
  available: field("available"),
  minimum: field("minimum"),
  since: field("since"),
};
const { accountId, available, minimum, since } = fields;

/**
 * Notifies a target when too few agents are available for phone calls, and when enough are again.
 *
 * @param targetOf returns the target that receives a message.
 */
export function notifyOfPhoneCoverage(
  scope: Construct,
  stage: string,
  targetOf: (message: PhoneCoverage) => IRuleTarget,
): void {
  const hub = AgentAvailabilityHub.fromStage(scope, "Hub", { stage });
  const deadLetterQueue = new Queue(scope, "Failed", {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  const common = {
    hub,
    events: "Channel Coverage Changed",
    channels: ["freshcaller"],
    deadLetterQueue,
  } as const;
  new AgentAvailabilityRule(scope, "TooFew", {
    ...common,
    covered: false,
    target: targetOf({
      text: `Too few agents are available for phone calls in account ${accountId}: ${available} of ${minimum}, since ${since}`,
      ...fields,
    }),
  });
  new AgentAvailabilityRule(scope, "EnoughAgain", {
    ...common,
    covered: true,
    // Excludes the first event of an opening period: a period that begins covered needs no message.
    wasCovered: false,
    target: targetOf({
      text: `Enough agents are available for phone calls again in account ${accountId}, since ${since}`,
      ...fields,
    }),
  });
}
