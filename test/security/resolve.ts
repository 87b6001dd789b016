import type { Template } from "aws-cdk-lib/assertions";

import { at, resourcesOf } from "../lib/synthesized.ts";

export const ACCOUNT = "123456789012";
export const REGION = "eu-central-1";

const arn = (service: string, resource: string) =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

/** The values of resources that policies and environment variables refer to, as CloudFormation resolves them. */
const known: Record<string, (id: string) => Record<string, string>> = {
  "AWS::DynamoDB::GlobalTable": (id) => ({
    Ref: id,
    Arn: arn("dynamodb", `table/${id}`),
    StreamArn: arn("dynamodb", `table/${id}/stream/2026-11-25T00:00:00.000`),
  }),
  "AWS::SecretsManager::Secret": (id) => ({ Ref: arn("secretsmanager", `secret:${id}-a1b2c3`) }),
  "AWS::Events::EventBus": () => ({
    Ref: "agent-availability-blue",
    Name: "agent-availability-blue",
    Arn: arn("events", "event-bus/agent-availability-blue"),
  }),
  "AWS::SQS::Queue": (id) => ({
    Ref: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${id}`,
    Arn: arn("sqs", id),
  }),
  "AWS::S3::Bucket": (id) => ({
    Ref: id.toLowerCase(),
    Arn: `arn:aws:s3:::${id.toLowerCase()}`,
  }),
  "AWS::Logs::LogGroup": (id) => ({ Ref: id, Arn: arn("logs", `log-group:${id}:*`) }),
  "AWS::Lambda::Function": (id) => ({ Ref: id, Arn: arn("lambda", `function:${id}`) }),
  // The only version that a policy or an environment refers to.
  "AWS::Lambda::Version": () => ({ Ref: arn("lambda", "function:IngestFunctionB02ED0EB:7") }),
  "AWS::CodeDeploy::Application": (id) => ({ Ref: id }),
  "AWS::CodeDeploy::DeploymentGroup": (id) => ({ Ref: id }),
  "AWS::Scheduler::ScheduleGroup": (id) => ({
    Ref: id,
    Arn: arn("scheduler", `schedule-group/${id}`),
  }),
  "AWS::IAM::Role": (id) => ({ Ref: id, Arn: `arn:aws:iam::${ACCOUNT}:role/${id}` }),
};

const pseudo: Record<string, string> = {
  "AWS::Partition": "aws",
  "AWS::Region": REGION,
  "AWS::AccountId": ACCOUNT,
  "AWS::URLSuffix": "amazonaws.com",
};

/**
 * Resolves a template's references as CloudFormation does, with the given values of SSM parameters.
 *
 * @throws Error for an unknown reference.
 */
export function resolverOf(template: Template, inSsm: Readonly<Record<string, string>> = {}) {
  const resources = resourcesOf(template);
  const { Parameters: parameters } = template.toJSON() as {
    Parameters: Readonly<Record<string, { readonly Default?: string }>>;
  };

  function attribute(id: string, name: string): string {
    const value =
      known[resources[id]?.Type ?? ""]?.(id)[name] ??
      pseudo[id] ??
      inSsm[parameters[id]?.Default ?? ""];
    if (value === undefined) {
      throw new Error(
        `${name} of ${id} is unknown (${resources[id]?.Type ?? "not in the template"})`,
      );
    }
    return value;
  }

  return function resolve(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map(resolve);
    }
    if (typeof value !== "object" || value === null) {
      return value;
    }
    if ("Ref" in value) {
      return attribute(String(value.Ref), "Ref");
    }
    if ("Fn::GetAtt" in value) {
      return attribute(String(at(value, "Fn::GetAtt", 0)), String(at(value, "Fn::GetAtt", 1)));
    }
    if ("Fn::Join" in value) {
      const parts = resolve(at(value, "Fn::Join", 1)) as string[];
      return parts.join(String(at(value, "Fn::Join", 0)));
    }
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolve(each)]));
  };
}
