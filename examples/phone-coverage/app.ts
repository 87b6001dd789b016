import { App } from "aws-cdk-lib";

import { PhoneCoverageStack } from "./phone-coverage-stack.js";
import { SlackStack } from "./slack-stack.js";
import { TeamsStack } from "./teams-stack.js";

const app = new App();
const context = (name: string): string | undefined => app.node.tryGetContext(name);
const stage = context("stage") ?? "prod";

new PhoneCoverageStack(app, "PhoneCoverage", { stage });

const slackChannel = context("slackChannel");
if (slackChannel !== undefined) {
  new SlackStack(app, "PhoneCoverageSlack", { stage, channel: slackChannel });
}

const teamsWebhook = context("teamsWebhook");
if (teamsWebhook !== undefined) {
  new TeamsStack(app, "PhoneCoverageTeams", { stage, webhook: teamsWebhook });
}
