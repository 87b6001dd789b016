import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { RuleTargetInput } from "aws-cdk-lib/aws-events";
import { SnsTopic } from "aws-cdk-lib/aws-events-targets";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";

import { notifyOfPhoneCoverage } from "./coverage-rules.js";

export interface PhoneCoverageProps extends StackProps {
  /** The hub's stage, deployed in this AWS account and region. */
  readonly stage: string;
}

/** Notifies an SNS topic. */
export class PhoneCoverageStack extends Stack {
  constructor(scope: Construct, id: string, { stage, ...props }: PhoneCoverageProps) {
    super(scope, id, props);

    const topic = new Topic(this, "Topic", { enforceSSL: true });
    notifyOfPhoneCoverage(
      this,
      stage,
      (message) => new SnsTopic(topic, { message: RuleTargetInput.fromObject(message) }),
    );
    new CfnOutput(this, "TopicArn", { value: topic.topicArn });
  }
}
