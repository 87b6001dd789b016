import { readFileSync } from "node:fs";

import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";

import { AgentAvailabilityStack } from "../../lib/data-path/agent-availability-stack.ts";
import { readStage } from "../../lib/stage.ts";

/** The app's feature flags, without which the CDK would synthesize a template that differs from the deployed one. */
export const { context } = JSON.parse(
  readFileSync(new URL("../../cdk.json", import.meta.url), "utf8"),
) as { context: Record<string, unknown> };

/** All settings that add something to the stack. */
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
  alarmTopicArns: ["arn:aws:sns:eu-central-1:123456789012:on-call"],
};

/**
 * An app that does not bundle functions and does not validate its templates. The CDK's validator takes most of
 * the time and 160 MB per test file, which the process never frees. `npm run check:templates` validates every
 * stage.
 */
export function anApp(): App {
  return new App({
    context: { ...context, "aws:cdk:bundling-stacks": [] },
    builtinCloudFormationValidation: false,
  });
}

/** The data path of a stage called `blue`, in a given account and region. */
export function aStack(settings: object = {}): AgentAvailabilityStack {
  return new AgentAvailabilityStack(anApp(), "AgentAvailability", {
    stage: readStage("blue", { blue: settings }),
    env: { account: "123456789012", region: "eu-central-1" },
  });
}

const templates = new Map<string, Template>();

/** The template of the data path of a stage called `blue`. */
export function synthesized(settings: object = {}): Template {
  const key = JSON.stringify(settings);
  const template = templates.get(key) ?? Template.fromStack(aStack(settings));
  templates.set(key, template);
  return template;
}

/** One resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
}

/** The value at a path, such as `Role`, `Fn::GetAtt`, 0; `undefined` if the path does not exist. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

/** The statements of a policy. */
export function statementsOf({ Properties: properties }: Resource): readonly unknown[] {
  return at(properties, "PolicyDocument", "Statement") as readonly unknown[];
}

/** The logical ID of the role that a function or a rule's target assumes. */
export const roleIdOf = (reference: unknown) => String(at(reference, "Fn::GetAtt", 0));

/** The policies that are attached to a role. */
export function policiesOf(template: Template, roleId: string): Resource[] {
  const policies = {
    ...resourcesOf(template, "AWS::IAM::ManagedPolicy"),
    ...resourcesOf(template, "AWS::IAM::Policy"),
  };
  return Object.values(policies).filter(({ Properties: { Roles: roles = [] } }) =>
    (roles as readonly unknown[]).some((role) => at(role, "Ref") === roleId),
  );
}

/** All resources by logical ID; only those of a type, if one is given. */
export function resourcesOf(template: Template, type?: string): Record<string, Resource> {
  const { Resources: resources } = template.toJSON() as { Resources: Record<string, Resource> };
  return Object.fromEntries(
    Object.entries(resources).filter(([, each]) => type === undefined || each.Type === type),
  );
}

/** The one resource of a type. */
export function theOnly(template: Template, type: string): Resource {
  const found = Object.values(resourcesOf(template, type));
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`the template must have one ${type} (got ${found.length})`);
  }
  return found[0];
}

/** The resource with a logical ID. */
export function resource(template: Template, logicalId: string): Resource {
  const found = resourcesOf(template)[logicalId];
  if (found === undefined) {
    throw new Error(`resource ${logicalId} not found`);
  }
  return found;
}

/** All permissions of the role of a function. */
export function permissionsOf(template: Template, functionId: string) {
  const roleId = roleIdOf(resource(template, functionId).Properties["Role"]);
  const { ManagedPolicyArns: managed = [], Policies: inline = [] } = resource(
    template,
    roleId,
  ).Properties;
  return { managed, inline, statements: policiesOf(template, roleId).flatMap(statementsOf) };
}
