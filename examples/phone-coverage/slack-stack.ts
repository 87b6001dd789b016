import { SecretValue, Stack, type StackProps } from "aws-cdk-lib";
import {
  ApiDestination as Destination,
  Authorization,
  Connection,
  RuleTargetInput,
} from "aws-cdk-lib/aws-events";
import { ApiDestination } from "aws-cdk-lib/aws-events-targets";
import type { Construct } from "constructs";

import { notifyOfPhoneCoverage } from "./coverage-rules.js";

export interface SlackProps extends StackProps {
  /** The hub's stage, deployed in this AWS account and region. */
  readonly stage: string;
  /** ID of the Slack channel, such as C0123456789. */
  readonly channel: string;
}

/**
 * Posts to a Slack channel. The secret `phone-coverage/slack` contains `Bearer xoxb-...`: the token of a Slack app with
 * the scope `chat:write`, which is a member of the channel.
 */
export class SlackStack extends Stack {
  constructor(scope: Construct, id: string, { stage, channel, ...props }: SlackProps) {
    super(scope, id, props);

    const connection = new Connection(this, "Connection", {
      authorization: Authorization.apiKey(
        "Authorization",
        SecretValue.secretsManager("phone-coverage/slack"),
      ),
    });
    const slack = new Destination(this, "Slack", {
      connection,
      endpoint: "https://slack.com/api/chat.postMessage",
      // Slack accepts about one message per second for each channel.
      rateLimitPerSecond: 1,
    });
    notifyOfPhoneCoverage(
      this,
      stage,
      ({ text }) =>
        new ApiDestination(slack, { event: RuleTargetInput.fromObject({ channel, text }) }),
    );
  }
}
