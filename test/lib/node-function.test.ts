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
])("the function %s as Lambda runs it", (_name, functionId, logsId, roleId) => {
  const made = resource(synthesized(), functionId);

  it("runs on Node.js 24 on ARM", () => {
    expect(made.Properties).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
    });
  });

  it("logs JSON into a group of its own, without the platform's lines for each start and end", () => {
    expect(made.Properties["LoggingConfig"]).toEqual({
      LogFormat: "JSON",
      ApplicationLogLevel: "INFO",
      SystemLogLevel: "WARN",
      LogGroup: { Ref: logsId },
    });
  });

  it("waits for its policy, without which it could not log", () => {
    const [policyId = ""] = made.DependsOn ?? [];

    expect(made.DependsOn).toHaveLength(1);
    expect(policyId.startsWith(`${roleId}DefaultPolicy`)).toBe(true);
    expect(resource(synthesized(), policyId).Type).toBe("AWS::IAM::Policy");
  });

  it("is the only one that may take its role, as Lambda", () => {
    const id = roleIdOf(made.Properties["Role"]);
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

/** The record of operators is kept by a rule of its own: see operators-log.test.ts. */
const days = (settings?: object) =>
  Object.entries(resourcesOf(synthesized(settings), "AWS::Logs::LogGroup"))
    .filter(([id]) => !id.startsWith("OperatorsLog"))
    .map(
      ([
        ,
        {
          Properties: { RetentionInDays: kept },
          DeletionPolicy: policy,
        },
      ]) => [kept, policy],
    );

describe("logs", () => {
  it("are kept 30 days by default, those of the three functions and of the API", () => {
    expect(days()).toEqual([
      [30, "RetainExceptOnCreate"],
      [30, "RetainExceptOnCreate"],
      [30, "RetainExceptOnCreate"],
      [30, "RetainExceptOnCreate"],
    ]);
  });

  it("are kept as long as the stage says, and not longer than the stack if it does not retain data", () => {
    expect(days({ logRetentionDays: 7, retainData: false })).toEqual([
      [7, "Delete"],
      [7, "Delete"],
      [7, "Delete"],
      [7, "Delete"],
    ]);
  });
});
