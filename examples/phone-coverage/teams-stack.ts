import { SecretValue, Stack, type StackProps } from "aws-cdk-lib";
import {
  ApiDestination as Destination,
  Authorization,
  Connection,
  HttpParameter,
  RuleTargetInput,
} from "aws-cdk-lib/aws-events";
import { ApiDestination } from "aws-cdk-lib/aws-events-targets";
import type { Construct } from "constructs";

import { notifyOfPhoneCoverage } from "./coverage-rules.js";

export interface TeamsProps extends StackProps {
  /** The hub's stage, deployed in this AWS account and region. */
  readonly stage: string;
  /** URL of a workflow that posts to a channel when a Teams webhook request is received, without `&sig=...`. */
  readonly webhook: string;
}

/** The message of a workflow with an adaptive card. */
const cardWith = (text: string) => ({
  type: "message",
  attachments: [
    {
      contentType: "application/vnd.microsoft.card.adaptive",
      content: {
        type: "AdaptiveCard",
        version: "1.4",
        body: [{ type: "TextBlock", text, wrap: true }],
      },
    },
  ],
});

/** Posts to a Teams channel. The secret `phone-coverage/teams` contains the parameter `sig` of the workflow's URL. */
export class TeamsStack extends Stack {
  constructor(scope: Construct, id: string, { stage, webhook, ...props }: TeamsProps) {
    super(scope, id, props);

    const connection = new Connection(this, "Connection", {
      // EventBridge requires a header. The workflow ignores it and checks the signature.
      authorization: Authorization.apiKey(
        "x-source",
        SecretValue.unsafePlainText("phone-coverage"),
      ),
      queryStringParameters: {
        sig: HttpParameter.fromSecret(SecretValue.secretsManager("phone-coverage/teams")),
      },
    });
    const teams = new Destination(this, "Teams", {
      connection,
      endpoint: webhook,
      rateLimitPerSecond: 1,
    });
    notifyOfPhoneCoverage(
      this,
      stage,
      ({ text }) =>
        new ApiDestination(teams, { event: RuleTargetInput.fromObject(cardWith(text)) }),
    );
  }
}
