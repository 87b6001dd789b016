import { Stack } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { Queue } from "aws-cdk-lib/aws-sqs";

import { anApp } from "../synthesized.ts";

/** A consumer's own stack, in an account and a region that are known, as `cdk init` would make its app. */
export function aConsumerStack(): Stack {
  return new Stack(anApp(), "Consumer", {
    env: { account: "111111111111", region: "eu-central-1" },
  });
}

/** A queue of the consumer. */
export const aQueue = (stack: Stack) => new Queue(stack, "Events");

const templates = new WeakMap<Stack, Template>();

/** What the stack is deployed as; nothing may be added to it after that. */
export function templateOf(stack: Stack): Template {
  const template = templates.get(stack) ?? Template.fromStack(stack);
  templates.set(stack, template);
  return template;
}

/** What CDK warns of. */
export function warningsOf(stack: Stack): unknown[] {
  return Annotations.fromStack(stack)
    .findWarning("*", Match.anyValue())
    .map(({ entry }) => entry.data);
}
