import { describe, expect, it } from "@jest/globals";

import {
  at,
  everySetting,
  permissionsOf,
  resource,
  resourcesOf,
  synthesized,
  theOnly,
} from "../synthesized.ts";

const FUNCTION = "IngestFunctionB02ED0EB";
const LIVE_ALIAS = "IngestFunctionLive930EF89F";
const API = "IngestApiE2DAED7B";
const SECRET = "IngestSigningKeysBC3BBD31";

describe("the ingest function", () => {
  it("may write its log, update items of the table, query two indexes and read the signing keys, and nothing else", () => {
    expect(permissionsOf(synthesized(), FUNCTION)).toEqual({
      managed: [],
      inline: [],
      statements: [
        {
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: { "Fn::GetAtt": ["IngestFunctionLogs3AD22061", "Arn"] },
        },
        {
          Effect: "Allow",
          Action: "dynamodb:UpdateItem",
          Resource: { "Fn::GetAtt": ["StoreTable0CCFA19B", "Arn"] },
        },
        {
          Effect: "Allow",
          Action: "dynamodb:Query",
          Resource: ["ByEmail", "ByUserId"].map((index) => ({
            "Fn::Join": ["", [{ "Fn::GetAtt": ["StoreTable0CCFA19B", "Arn"] }, `/index/${index}`]],
          })),
        },
        {
          Effect: "Allow",
          Action: "secretsmanager:GetSecretValue",
          Resource: { Ref: SECRET },
        },
      ],
    });
  });

  it("is invoked only by the API's one route, through its alias", () => {
    const permission = theOnly(synthesized(), "AWS::Lambda::Permission").Properties;

    expect(permission).toEqual({
      Action: "lambda:InvokeFunction",
      FunctionName: { Ref: LIVE_ALIAS },
      Principal: "apigateway.amazonaws.com",
      SourceArn: {
        "Fn::Join": [
          "",
          [
            "arn:aws:execute-api:eu-central-1:123456789012:",
            { Ref: API },
            "/*/*/v1/accounts/{accountId}/availability-events",
          ],
        ],
      },
    });
  });

  it("receives its stage, table, signing-key secret and allowed sources", () => {
    const settings = { allowedSources: ["18.233.117.211/32", "2001:db8::/32"] };

    expect(resource(synthesized(settings), FUNCTION).Properties["Environment"]).toEqual({
      Variables: {
        STAGE: "blue",
        TABLE_NAME: { Ref: "StoreTable0CCFA19B" },
        SIGNING_KEYS_SECRET_ARN: { Ref: SECRET },
        ALLOWED_SOURCES: "18.233.117.211/32 2001:db8::/32",
      },
    });
  });

  it("accepts every source address if the stage lists none", () => {
    const { Environment: environment } = resource(synthesized(), FUNCTION).Properties;

    expect(at(environment, "Variables", "ALLOWED_SOURCES")).toBe("");
  });

  it("has 512 MB of memory and a timeout of 5 seconds", () => {
    expect(resource(synthesized(), FUNCTION).Properties).toMatchObject({
      MemorySize: 512,
      Timeout: 5,
    });
  });

  it("has no reserved concurrency by default", () => {
    expect(resource(synthesized(), FUNCTION).Properties).not.toHaveProperty(
      "ReservedConcurrentExecutions",
    );
  });

  it("has the reserved concurrency that the stage sets", () => {
    expect(
      resource(synthesized({ ingestConcurrency: 5 }), FUNCTION).Properties[
        "ReservedConcurrentExecutions"
      ],
    ).toBe(5);
  });
});

describe("the API", () => {
  it("has one route without an authorizer, because the function checks signatures", () => {
    const { Properties: route } = theOnly(synthesized(), "AWS::ApiGatewayV2::Route");
    const { Properties: integration } = theOnly(synthesized(), "AWS::ApiGatewayV2::Integration");

    expect(route["RouteKey"]).toBe("POST /v1/accounts/{accountId}/availability-events");
    expect(route["AuthorizationType"]).toBe("NONE");
    expect(integration).toEqual({
      ApiId: { Ref: API },
      IntegrationType: "AWS_PROXY",
      IntegrationUri: { Ref: LIVE_ALIAS },
      PayloadFormatVersion: "2.0",
    });
  });

  it("is an HTTP API with the default stage, which adds nothing to its URL", () => {
    const { Properties: stage } = theOnly(synthesized(), "AWS::ApiGatewayV2::Stage");

    expect(theOnly(synthesized(), "AWS::ApiGatewayV2::Api").Properties["ProtocolType"]).toBe(
      "HTTP",
    );
    expect(stage["StageName"]).toBe("$default");
    expect(stage["AutoDeploy"]).toBe(true);
  });

  it("is named after its stage", () => {
    expect(theOnly(synthesized(), "AWS::ApiGatewayV2::Api").Properties["Name"]).toBe(
      "agent-availability-blue",
    );
  });

  it("is throttled to 100 requests per second and bursts of 200 by default", () => {
    const { Properties: stage } = theOnly(synthesized(), "AWS::ApiGatewayV2::Stage");

    expect(stage["DefaultRouteSettings"]).toEqual({
      ThrottlingRateLimit: 100,
      ThrottlingBurstLimit: 200,
    });
  });

  it("has the throttle that the stage sets", () => {
    const settings = { throttle: { rate: 7, burst: 9 } };
    const { Properties: stage } = theOnly(synthesized(settings), "AWS::ApiGatewayV2::Stage");

    expect(stage["DefaultRouteSettings"]).toEqual({
      ThrottlingRateLimit: 7,
      ThrottlingBurstLimit: 9,
    });
  });

  it("logs to a group that does not fill the log delivery policy and whose name is not taken by a retained group", () => {
    const group = resource(synthesized(), "IngestAccessLog390A8767");

    expect(group.Properties["LogGroupName"]).toEqual({
      "Fn::Join": [
        "",
        [
          "/aws/vendedlogs/agent-availability-blue-",
          { "Fn::Select": [2, { "Fn::Split": ["/", { Ref: "AWS::StackId" }] }] },
        ],
      ],
    });
    expect([group.DeletionPolicy, group.UpdateReplacePolicy]).toEqual([
      "RetainExceptOnCreate",
      "Retain",
    ]);
  });

  it("logs each request as one JSON object that contains nothing the caller can choose", () => {
    const { Properties: stage } = theOnly(synthesized(), "AWS::ApiGatewayV2::Stage");
    const log = stage["AccessLogSettings"];

    expect(at(log, "DestinationArn")).toEqual({ "Fn::GetAtt": ["IngestAccessLog390A8767", "Arn"] });
    expect(JSON.parse(String(at(log, "Format")))).toEqual({
      requestId: "$context.requestId",
      sourceIp: "$context.identity.sourceIp",
      requestTime: "$context.requestTime",
      route: "$context.routeKey",
      status: "$context.status",
      error: "$context.error.message",
      integrationError: "$context.integrationErrorMessage",
      latency: "$context.responseLatency",
    });
  });
});

describe("the ingest URL", () => {
  it("is the API's endpoint by default", () => {
    const { Outputs: outputs } = synthesized().toJSON() as {
      Outputs: Record<string, { Value: unknown }>;
    };

    expect(outputs["IngestUrl"]?.Value).toEqual({ "Fn::GetAtt": [API, "ApiEndpoint"] });
    expect(resourcesOf(synthesized(), "AWS::ApiGatewayV2::DomainName")).toEqual({});
  });

  it("is the stage's domain name with its certificate, if one is set", () => {
    const template = synthesized(everySetting);
    const { Properties: domain } = theOnly(template, "AWS::ApiGatewayV2::DomainName");
    const { Properties: mapping } = theOnly(template, "AWS::ApiGatewayV2::ApiMapping");

    expect(domain["DomainName"]).toBe("hub.example.com");
    expect(domain["DomainNameConfigurations"]).toEqual([
      {
        CertificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/4a5b",
        EndpointType: "REGIONAL",
      },
    ]);
    expect(mapping).toEqual({
      ApiId: { Ref: API },
      DomainName: { Ref: "IngestDomainName805158A0" },
      Stage: "$default",
    });
    template.hasOutput("IngestUrl", { Value: "https://hub.example.com" });
    template.hasOutput("DomainNameTarget", {
      Value: { "Fn::GetAtt": ["IngestDomainName805158A0", "RegionalDomainName"] },
    });
    template.hasOutput("DomainNameHostedZoneId", {
      Value: { "Fn::GetAtt": ["IngestDomainName805158A0", "RegionalHostedZoneId"] },
    });
  });
});

describe("the signing-key secret", () => {
  it("has no value in the template, so that a deployment cannot overwrite it", () => {
    const { Properties: secret } = theOnly(synthesized(), "AWS::SecretsManager::Secret");

    expect(Object.keys(secret).toSorted()).toEqual(["Description", "Tags"]);
  });

  it("is retained after the stack is deleted by default", () => {
    const secret = theOnly(synthesized(), "AWS::SecretsManager::Secret");

    expect(secret.DeletionPolicy).toBe("RetainExceptOnCreate");
    expect(secret.UpdateReplacePolicy).toBe("Retain");
  });

  it("is deleted with the stack if the stage does not retain data", () => {
    const secret = theOnly(synthesized({ retainData: false }), "AWS::SecretsManager::Secret");

    expect(secret.DeletionPolicy).toBe("Delete");
    expect(secret.UpdateReplacePolicy).toBe("Delete");
  });
});
