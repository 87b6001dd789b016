import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, describe, expect, it } from "@jest/globals";

import {
  parameterName,
  type StageOutput,
  stageParameters,
} from "../../../lib/stage-parameter-names.ts";
import {
  aStack,
  at,
  context,
  everySetting,
  type Resource,
  resourcesOf,
  synthesized,
} from "../synthesized.ts";

interface Outputs {
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** The values that the stack publishes, each as an output and as an SSM parameter. */
const publishedValues = {
  IngestUrl: { "Fn::GetAtt": ["IngestApiE2DAED7B", "ApiEndpoint"] },
  TableName: { Ref: "StoreTable0CCFA19B" },
  TableStreamArn: { "Fn::GetAtt": ["StoreTable0CCFA19B", "StreamArn"] },
  TableArn: { "Fn::GetAtt": ["StoreTable0CCFA19B", "Arn"] },
  LookupPolicyArn: { Ref: "LookupsPolicy579C3588" },
  BusName: { Ref: "Bus52AA7421" },
  BusArn: { "Fn::GetAtt": ["Bus52AA7421", "Arn"] },
  SigningKeysSecretArn: { Ref: "IngestSigningKeysBC3BBD31" },
  DeadLetterQueueUrl: { Ref: "PublisherDeadLetterQueueBE1BF1E2" },
  OnFailureBucketName: { Ref: "PublisherOnFailureDestinationE9907FAB" },
  PersonalDataInEvents: "false",
  AuditLogName: { Ref: expect.stringMatching(/^AuditLog/) },
  ApiId: { Ref: "IngestApiE2DAED7B" },
  IngestFunctionName: { Ref: "IngestFunctionB02ED0EB" },
  IngestLogName: { Ref: "IngestFunctionLogs3AD22061" },
  AccessLogName: { Ref: "IngestAccessLog390A8767" },
  PublisherEventSourceMappingId: {
    Ref: expect.stringMatching(/^PublisherFunctionLiveDynamoDBEventSource/),
  },
  PublisherFunctionName: { Ref: "PublisherFunction1938950E" },
  PublisherLogName: { Ref: "PublisherFunctionLogs73246104" },
};

describe("the stack", () => {
  it("is named after its stage, so that one AWS account can have several", () => {
    expect(aStack().stackName).toBe("AgentAvailability-blue");
  });

  it("is protected from deletion only if the stage retains data", () => {
    expect(aStack().terminationProtection).toBe(true);
    expect(aStack({ retainData: false }).terminationProtection).toBe(false);
  });

  it("has exactly the outputs that commands and consumers need", () => {
    const { Outputs: outputs } = synthesized().toJSON() as Outputs;
    const values = Object.fromEntries(
      Object.entries(outputs).map(([name, { Value: value }]) => [name, value]),
    );

    expect(values).toEqual(publishedValues);
  });

  it("publishes its outputs as SSM parameters of its stage, and nothing else", () => {
    const parameters = Object.values(resourcesOf(synthesized(), "AWS::SSM::Parameter"));
    const values = Object.fromEntries(
      parameters.map(({ Properties: { Name: name, Value: value } }) => [String(name), value]),
    );

    expect(values).toEqual(
      Object.fromEntries(
        Object.entries(publishedValues).map(([output, value]) => [
          parameterName("blue", stageParameters[output as StageOutput]),
          value,
        ]),
      ),
    );
  });

  it("tags every taggable resource with the application and the stage", () => {
    const tagList = [
      { Key: "application", Value: "agent-availability-hub" },
      { Key: "stage", Value: "blue" },
    ];
    const tagMap = { application: "agent-availability-hub", stage: "blue" };
    const tagsByType = Object.fromEntries(
      Object.values(resourcesOf(synthesized())).map(({ Type: type, Properties: properties }) => [
        type,
        properties["Tags"] ?? at(properties, "Replicas", 0, "Tags"),
      ]),
    );

    expect(tagsByType).toMatchObject({
      "AWS::DynamoDB::GlobalTable": tagList,
      "AWS::Events::EventBus": tagList,
      "AWS::SecretsManager::Secret": tagList,
      "AWS::Logs::LogGroup": tagList,
      "AWS::IAM::Role": tagList,
      "AWS::Lambda::Function": tagList,
      "AWS::Lambda::EventSourceMapping": tagList,
      "AWS::ApiGatewayV2::Api": tagMap,
      "AWS::ApiGatewayV2::Stage": tagMap,
      "AWS::SQS::Queue": tagList,
      "AWS::S3::Bucket": tagList,
      "AWS::SSM::Parameter": tagMap,
    });
  });

  it("gives no fixed name to retained resources, so that the stage can be deployed again beside them", () => {
    const names = ["TableName", "Name", "BucketName", "QueueName"];
    const retained = Object.values(resourcesOf(synthesized(everySetting))).filter(
      ({ DeletionPolicy: policy }) => policy?.startsWith("Retain"),
    );

    expect(retained.map(({ Type: type }) => type).toSorted()).toEqual([
      "AWS::DynamoDB::GlobalTable",
      "AWS::Logs::LogGroup",
      "AWS::Logs::LogGroup",
      "AWS::Logs::LogGroup",
      "AWS::Logs::LogGroup",
      "AWS::Logs::LogGroup",
      "AWS::S3::Bucket",
      "AWS::SQS::Queue",
      "AWS::SQS::Queue",
      "AWS::SecretsManager::Secret",
    ]);
    expect(
      retained.flatMap(({ Properties: properties }: Resource) =>
        names.filter((name) => name in properties),
      ),
    ).toEqual([]);
  });

  it("leaves only the table behind if the first deployment fails, because deletion protection would block the rollback", () => {
    const remaining = Object.values(resourcesOf(synthesized(everySetting)))
      .filter(({ DeletionPolicy: policy }) => policy === "Retain")
      .map(({ Type: type }) => type);

    expect(remaining).toEqual(["AWS::DynamoDB::GlobalTable"]);
  });

  it("leaves nothing behind if the stage does not retain data", () => {
    const remaining = Object.entries(
      resourcesOf(synthesized({ ...everySetting, retainData: false })),
    ).filter(([, { DeletionPolicy: policy }]) => policy?.startsWith("Retain"));

    expect(remaining).toEqual([]);
  });

  it("creates only resource types that its components need", () => {
    const types = new Set(Object.values(resourcesOf(synthesized())).map(({ Type: type }) => type));

    expect([...types].toSorted()).toEqual([
      "AWS::ApiGatewayV2::Api",
      "AWS::ApiGatewayV2::Integration",
      "AWS::ApiGatewayV2::Route",
      "AWS::ApiGatewayV2::Stage",
      "AWS::CloudWatch::Alarm",
      "AWS::CodeDeploy::Application",
      "AWS::CodeDeploy::DeploymentConfig",
      "AWS::CodeDeploy::DeploymentGroup",
      "AWS::DynamoDB::GlobalTable",
      "AWS::Events::EventBus",
      "AWS::IAM::ManagedPolicy",
      "AWS::IAM::Policy",
      "AWS::IAM::Role",
      "AWS::Lambda::Alias",
      "AWS::Lambda::EventSourceMapping",
      "AWS::Lambda::Function",
      "AWS::Lambda::Permission",
      "AWS::Lambda::Version",
      "AWS::Logs::LogGroup",
      "AWS::S3::Bucket",
      "AWS::S3::BucketPolicy",
      "AWS::SQS::Queue",
      "AWS::SQS::QueuePolicy",
      "AWS::SSM::Parameter",
      "AWS::SecretsManager::Secret",
    ]);
  });
});

describe("the app", () => {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const outdir = mkdtempSync(join(tmpdir(), "an-app-"));
  afterAll(() => {
    rmSync(outdir, { recursive: true, force: true });
  });

  /** Runs the app as `cdk synth -c stage=NAME` does, but without bundling. */
  function runApp(stage?: string) {
    const { status, stderr } = spawnSync(process.execPath, ["bin/agent-availability.ts"], {
      cwd: root,
      encoding: "utf8",
      env: {
        PATH: process.env["PATH"],
        NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
        CDK_VALIDATION: "false",
        CDK_OUTDIR: outdir,
        CDK_CONTEXT_JSON: JSON.stringify({
          ...context,
          "aws:cdk:bundling-stacks": [],
          ...(stage !== undefined && { stage }),
        }),
      },
    });
    return { status, stderr };
  }

  it("synthesizes the stage `dev` by default, with its warnings", () => {
    const { status, stderr } = runApp();

    const manifest: unknown = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"));
    expect(status).toBe(0);
    expect(stderr).toContain("alarmTopicArns is empty");
    expect(at(manifest, "artifacts", "AgentAvailability", "properties", "stackName")).toBe(
      "AgentAvailability-dev",
    );
  });

  it("rejects a stage that is not defined, with one sentence and no stack trace", () => {
    expect(runApp("nowhere")).toEqual({
      status: 1,
      stderr: 'stage "nowhere" is not defined in cdk.json; defined stages: dev, prod, local\n',
    });
  });
});
