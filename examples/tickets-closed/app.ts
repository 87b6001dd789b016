import { App } from "aws-cdk-lib";

import { TicketsClosedStack } from "./tickets-closed-stack.js";

const app = new App();
const context = (name: string, fallback: string) =>
  String(app.node.tryGetContext(name) ?? fallback);

new TicketsClosedStack(app, "TicketsClosed", {
  stage: context("stage", "prod"),
  seconds: Number(context("seconds", "60")),
});
