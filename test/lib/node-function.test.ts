import { describe, expect, it } from "@jest/globals";

import { at, resource, resourcesOf, roleIdOf, synthesized } from "./synthesized.ts";

describe.each([
  ["ingest", "IngestFunctionB02ED0EB", "IngestFunctionLogs3AD22061", "IngestFunctionRole"],
  [
    "publisher",
    "PublisherFunction1938950E",
    "PublisherFunctionLogs73246104",
    "PublisherFunctionRole",
  ],
])("the %s function", (_name, functionId, logsId, roleId) => {
  const lambdaFunction = resource(synthesized(), functionId);

  it("runs on Node.js 24 on ARM", () => {
    expect(lambdaFunction.Properties).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
    });
  });

  it("logs JSON to its own log group, without the lines that Lambda writes for each start and end", () => {
    expect(lambdaFunction.Properties["LoggingConfig"]).toEqual({
      LogFormat: "JSON",
      ApplicationLogLevel: "INFO",
      SystemLogLevel: "WARN",
      LogGroup: { Ref: logsId },
    });
  });

  it("is created after its policy, which it needs to write logs", () => {
    const [policyId = ""] = lambdaFunction.DependsOn ?? [];

    expect(lambdaFunction.DependsOn).toHaveLength(1);
    expect(policyId.startsWith(`${roleId}DefaultPolicy`)).toBe(true);
    expect(resource(synthesized(), policyId).Type).toBe("AWS::IAM::Policy");
  });

  it("has a role that only Lambda may assume", () => {
    const id = roleIdOf(lambdaFunction.Properties["Role"]);
    const { AssumeRolePolicyDocument: document } = resource(synthesized(), id).Properties;

    expect(id.startsWith(roleId)).toBe(true);
    expect(at(document, "Statement")).toEqual([
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: "lambda.amazonaws.com" },
      },
    ]);
  });
});

/** Retention of all log groups but the audit log, which audit-log-group.test.ts covers. */
const days = (settings?: object) =>
  Object.entries(resourcesOf(synthesized(settings), "AWS::Logs::LogGroup"))
    .filter(([id]) => !id.startsWith("AuditLog"))
    .map(
      ([
        ,
        {
          Properties: { RetentionInDays: retention },
          DeletionPolicy: policy,
        },
      ]) => [retention, policy],
    );

describe("logs", () => {
  it("of the three functions and of the API are kept for 30 days by default", () => {
    expect(days()).toEqual([
      [30, "RetainExceptOnCreate"],
      [30, "RetainExceptOnCreate"],
      [30, "RetainExceptOnCreate"],
      [30, "RetainExceptOnCreate"],
    ]);
  });

  it("are kept as long as the stage sets, and are deleted with the stack if it does not retain data", () => {
    expect(days({ logRetentionDays: 7, retainData: false })).toEqual([
      [7, "Delete"],
      [7, "Delete"],
      [7, "Delete"],
      [7, "Delete"],
    ]);
  });
});
