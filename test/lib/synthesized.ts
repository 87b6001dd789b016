import { readFileSync } from "node:fs";

import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";

import { AgentAvailabilityStack } from "../../lib/agent-availability-stack.ts";
import { readStage } from "../../lib/stage.ts";

/** The app's feature flags, without which CDK makes another template than the one that is deployed. */
const { context } = JSON.parse(
  readFileSync(new URL("../../cdk.json", import.meta.url), "utf8"),
) as { context: Record<string, unknown> };

/** Every setting that adds something to the stack. */
export const everySetting = {
  consumers: { accountIds: ["111111111111"], organizationId: "o-a1b2c3d4e5" },
  readers: ["222222222222"],
  forwardTo: [
    "arn:aws:events:eu-west-1:333333333333:event-bus/elsewhere",
    "arn:aws:events:eu-central-1:444444444444:event-bus/other-account",
  ],
  domainName: {
    name: "hub.example.com",
    certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/4a5b",
  },
  allowedSources: ["18.233.117.211/32", "2001:db8::/32"],
  ingestConcurrency: 5,
  throttle: { rate: 7, burst: 9 },
  logRetentionDays: 7,
  personalDataInEvents: true,
};

/** The stack of a stage called `blue`, in an account and a region that are known. */
export function aStack(settings: object = {}): AgentAvailabilityStack {
  const app = new App({ context: { ...context, "aws:cdk:bundling-stacks": [] } });
  return new AgentAvailabilityStack(app, "AgentAvailability", {
    stage: readStage("blue", { blue: settings }),
    env: { account: "123456789012", region: "eu-central-1" },
  });
}

const templates = new Map<string, Template>();

/** The template of that stack. */
export function synthesized(settings: object = {}): Template {
  const key = JSON.stringify(settings);
  const template = templates.get(key) ?? Template.fromStack(aStack(settings));
  templates.set(key, template);
  return template;
}

/** One resource as CloudFormation gets it. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
}

/** All resources by logical id; only those of a type, if one is given. */
export function resourcesOf(template: Template, type?: string): Record<string, Resource> {
  const { Resources: resources } = template.toJSON() as { Resources: Record<string, Resource> };
  return Object.fromEntries(
    Object.entries(resources).filter(
      ([, resource]) => type === undefined || resource.Type === type,
    ),
  );
}

/** The one resource of a type. */
export function theOnly(template: Template, type: string): Resource {
  const found = Object.values(resourcesOf(template, type));
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`there are ${found.length} of ${type}`);
  }
  return found[0];
}

/** The resource of that logical id. */
export function resource(template: Template, logicalId: string): Resource {
  const found = resourcesOf(template)[logicalId];
  if (found === undefined) {
    throw new Error(`there is no ${logicalId}`);
  }
  return found;
}

/** All that the role of a function may do, whichever way it was granted. */
export function permissionsOf(template: Template, functionId: string) {
  const roleId: string = resource(template, functionId).Properties["Role"]["Fn::GetAtt"][0];
  const { ManagedPolicyArns: managed = [], Policies: inline = [] } = resource(
    template,
    roleId,
  ).Properties;
  const isOfRole = (policy: Resource) =>
    (policy.Properties["Roles"] ?? []).some((role: { Ref: string }) => role.Ref === roleId);
  const attached = [
    ...Object.values(resourcesOf(template, "AWS::IAM::ManagedPolicy")),
    ...Object.values(resourcesOf(template, "AWS::IAM::Policy")),
  ].filter(isOfRole);
  return {
    managed,
    inline,
    statements: attached.flatMap(
      ({ Properties: { PolicyDocument: document } }) => document.Statement,
    ),
  };
}
