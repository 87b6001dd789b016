import { Stack } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { Queue } from "aws-cdk-lib/aws-sqs";

import { anApp } from "../synthesized.ts";

/** A consumer's stack with a known account and region. */
export function aConsumerStack(): Stack {
  return new Stack(anApp(), "Consumer", {
    env: { account: "111111111111", region: "eu-central-1" },
  });
}

/** A queue in the consumer's stack. */
export const aQueue = (stack: Stack) => new Queue(stack, "Events");

const templates = new WeakMap<Stack, Template>();

/** The stack's template. Resources that are added afterwards are missing from it. */
export function templateOf(stack: Stack): Template {
  const template = templates.get(stack) ?? Template.fromStack(stack);
  templates.set(stack, template);
  return template;
}

/** The warnings of the stack. */
export function warningsOf(stack: Stack): unknown[] {
  return Annotations.fromStack(stack)
    .findWarning("*", Match.anyValue())
    .map(({ entry }) => entry.data);
}
