import { describe, expect, it } from "@jest/globals";

import {
  at,
  everySetting,
  permissionsOf,
  resource,
  type Resource,
  resourcesOf,
  synthesized,
  theOnly,
} from "../synthesized.ts";

const INGEST = "IngestFunctionB02ED0EB";
const PUBLISHER = "PublisherFunction1938950E";
const CHECK = "GradualDeployCheck67DD1409";

const aliasOf = (functionId: string, settings = {}) =>
  Object.values(resourcesOf(synthesized(settings), "AWS::Lambda::Alias")).find(
    ({ Properties: { FunctionName: name } }) => at(name, "Ref") === functionId,
  ) as Resource & { readonly UpdatePolicy?: unknown };

const groupOf = (functionId: string) =>
  resource(
    synthesized(),
    String(
      at(
        aliasOf(functionId).UpdatePolicy,
        "CodeDeployLambdaAliasUpdate",
        "DeploymentGroupName",
        "Ref",
      ),
    ),
  ).Properties;

const alarmsOf = (functionId: string) =>
  (at(groupOf(functionId), "AlarmConfiguration", "Alarms") as { Name: { Ref: string } }[]).map(
    ({ Name: { Ref: id } }) => resource(synthesized(), id).Properties,
  );

describe.each([
  ["ingest", INGEST],
  ["the publisher", PUBLISHER],
])("%s", (_, functionId) => {
  it.each([true, false])("is invoked through its alias with gradualDeploy %s", (gradualDeploy) => {
    const { Properties: alias } = aliasOf(functionId, { gradualDeploy });

    expect(alias["Name"]).toBe("live");
    expect(at(alias["FunctionVersion"], "Fn::GetAtt", 1)).toBe("Version");
  });

  it("is rolled back if its deployment fails, is stopped, or an alarm fires", () => {
    expect(groupOf(functionId)["AutoRollbackConfiguration"]).toEqual({
      Enabled: true,
      Events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
    });
    expect(at(groupOf(functionId), "AlarmConfiguration", "Enabled")).toBe(true);
  });

  it("has an alarm on the errors of the new version, not of the previous one", () => {
    const errors = alarmsOf(functionId).find(({ MetricName: name }) => name === "Errors");
    const dimensions = (errors?.["Dimensions"] ?? []) as { Name: string; Value: unknown }[];

    expect(errors).toMatchObject({ Namespace: "AWS/Lambda", Statistic: "Sum", Period: 60 });
    expect(dimensions.map(({ Name: name }) => name)).toEqual([
      "ExecutedVersion",
      "FunctionName",
      "Resource",
    ]);
    expect(dimensions[0]?.Value).toEqual(aliasOf(functionId).Properties["FunctionVersion"]);
    expect(dimensions[2]?.Value).toEqual({ "Fn::Join": ["", [{ Ref: functionId }, ":live"]] });
  });

  it("receives traffic only after its alarms refer to the new version", () => {
    const alarms = at(groupOf(functionId), "AlarmConfiguration", "Alarms") as {
      Name: { Ref: string };
    }[];

    expect(aliasOf(functionId).DependsOn).toEqual(
      expect.arrayContaining(alarms.map(({ Name: { Ref: id } }) => id)),
    );
  });

  it("notifies the stage's topics when an alarm fires, and not when an alarm is created", () => {
    const actions = Object.values(
      resourcesOf(synthesized(everySetting), "AWS::CloudWatch::Alarm"),
    ).map(({ Properties: { AlarmActions: firing, OKActions: ok } }) => ({ firing, ok }));
    const topics = ["arn:aws:sns:eu-central-1:123456789012:on-call"];

    expect(actions).toEqual(Array.from({ length: 4 }, () => ({ firing: topics, ok: undefined })));
  });

  it("has alarms that are named like all alarms of the stage", () => {
    expect(alarmsOf(functionId).map(({ AlarmName: name }) => name)).toEqual(
      [
        "agent-availability-blue-GradualDeployIngestErrors",
        "agent-availability-blue-GradualDeployIngestUnavailable",
        "agent-availability-blue-GradualDeployPublisherErrors",
        "agent-availability-blue-GradualDeployPublisherDelayed",
      ].filter((name) => name.includes(functionId === INGEST ? "Ingest" : "Publisher")),
    );
  });

  it("is not rolled back if the metrics have no data, as at night", () => {
    for (const { TreatMissingData: missing } of alarmsOf(functionId)) {
      expect(missing).toBe("notBreaching");
    }
  });
});

describe("a new version of ingest", () => {
  it("receives 10% of the requests for 10 minutes", () => {
    expect(groupOf(INGEST)["DeploymentConfigName"]).toBe(
      "CodeDeployDefault.LambdaCanary10Percent10Minutes",
    );
  });

  it("is checked by deploy-check before the alias points to it", () => {
    const alias = aliasOf(INGEST) as Resource & { readonly UpdatePolicy: unknown };
    const { Environment: environment } = resource(synthesized(), CHECK).Properties;
    const version = at(alias.Properties, "FunctionVersion", "Fn::GetAtt", 0);

    expect(at(alias.UpdatePolicy, "CodeDeployLambdaAliasUpdate", "BeforeAllowTrafficHook")).toEqual(
      { Ref: CHECK },
    );
    expect(at(environment, "Variables", "VERSION_ARN")).toEqual({ Ref: version });
    expect(alias.DependsOn).toContain("GradualDeployIngestServiceRoleDefaultPolicyB2D89307");
  });

  it("has alarms on its errors and on unavailable dependencies", () => {
    expect(alarmsOf(INGEST).map(({ MetricName: name }) => name)).toEqual([
      "Errors",
      "RejectedDependencyFailed",
    ]);
  });
});

describe("a new version of the publisher", () => {
  it("is deployed after ingest's, because CloudFormation cancels one deployment if the other fails", () => {
    const [ingestAlias] = Object.entries(resourcesOf(synthesized(), "AWS::Lambda::Alias")).find(
      ([
        ,
        {
          Properties: { FunctionName: name },
        },
      ]) => at(name, "Ref") === INGEST,
    ) ?? [""];

    expect(aliasOf(PUBLISHER).DependsOn).toContain(ingestAlias);
    expect(aliasOf(INGEST).DependsOn ?? []).not.toContain(ingestAlias);
  });

  it("receives 99% of the batches for 5 minutes", () => {
    const { Properties: config } = theOnly(synthesized(), "AWS::CodeDeploy::DeploymentConfig");

    expect(config["TrafficRoutingConfig"]).toEqual({
      Type: "TimeBasedCanary",
      TimeBasedCanary: { CanaryInterval: 5, CanaryPercentage: 99 },
    });
    expect(at(groupOf(PUBLISHER), "DeploymentConfigName", "Ref")).toMatch(
      /^GradualDeployCanary99Percent5Minutes/u,
    );
  });

  it("has alarms on its errors and on the age of waiting changes", () => {
    expect(alarmsOf(PUBLISHER).map(({ MetricName: name }) => name)).toEqual([
      "Errors",
      "IteratorAge",
    ]);
    expect(alarmsOf(PUBLISHER)[1]).toMatchObject({
      Statistic: "Maximum",
      Threshold: 60_000,
      ComparisonOperator: "GreaterThanThreshold",
      Dimensions: [{ Name: "FunctionName", Value: { Ref: PUBLISHER } }],
    });
  });
});

describe("deploy-check", () => {
  it("may write its log, invoke versions of ingest, read the signing keys and report to CodeDeploy, and nothing else", () => {
    const { managed, inline, statements } = permissionsOf(synthesized(), CHECK);

    expect([...(managed as unknown[]), ...(inline as unknown[])]).toEqual([]);
    expect(statements).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: { "Fn::GetAtt": ["GradualDeployCheckLogs2ECD836E", "Arn"] },
      },
      {
        Effect: "Allow",
        Action: "lambda:InvokeFunction",
        Resource: { "Fn::Join": ["", [{ "Fn::GetAtt": [INGEST, "Arn"] }, ":*"]] },
      },
      {
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        Resource: { Ref: "IngestSigningKeysBC3BBD31" },
      },
      {
        Effect: "Allow",
        Action: "codedeploy:PutLifecycleEventHookExecutionStatus",
        Resource: {
          "Fn::Join": [
            "",
            [
              "arn:aws:codedeploy:eu-central-1:123456789012:deploymentgroup:",
              { Ref: "GradualDeployApplication12874932" },
              "/",
              { Ref: "GradualDeployIngestFF56172E" },
            ],
          ],
        },
      },
    ]);
  });

  it("receives the addresses that the stage allows", () => {
    const { Environment: environment } = resource(synthesized(everySetting), CHECK).Properties;

    expect(at(environment, "Variables", "ALLOWED_SOURCES")).toBe("18.233.117.211/32 2001:db8::/32");
  });
});

it("adds no resource that the local cloud rejects if the stage turns gradual deployment off", () => {
  const types = Object.values(resourcesOf(synthesized({ gradualDeploy: false }))).map(
    ({ Type: type }) => type,
  );

  expect(types.filter((type) => /CodeDeploy|CloudWatch/.test(type))).toEqual([]);
  expect(aliasOf(INGEST, { gradualDeploy: false })).not.toHaveProperty("UpdatePolicy");
});
