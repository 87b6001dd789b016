import { describe, expect, it } from "@jest/globals";

import { alarmsOf } from "../operations/stack.ts";
import { inputsOf, stateAt } from "../operations/evaluate.ts";
import { at, resourcesOf, theOnly } from "../synthesized.ts";
import { coverage, statusLimits } from "../supervision/supervision-stack.ts";
import { boardTemplate, boardSettings } from "./board.ts";

const template = boardTemplate();
const routes = Object.values(resourcesOf(template, "AWS::ApiGatewayV2::Route")).map(
  ({ Properties: properties }) => properties,
);

describe("the board's API", () => {
  it("serves the page without a token, and data only with a token of the issuer for the audience", () => {
    const open = routes.filter(({ AuthorizationType: type }) => type === "NONE");
    const data = routes.filter(({ AuthorizationType: type }) => type === "JWT");
    const [authorizer] = Object.keys(resourcesOf(template, "AWS::ApiGatewayV2::Authorizer"));

    expect(open.map(({ RouteKey: key }) => key)).toEqual(["GET /", "GET /{file}"]);
    expect(data.length + open.length).toBe(routes.length);
    expect(data).toMatchObject(
      ["agents", "history", "changes"].map((each) => ({
        RouteKey: `GET /v1/accounts/{accountId}/${each}`,
        AuthorizerId: { Ref: authorizer },
      })),
    );
    expect(theOnly(template, "AWS::ApiGatewayV2::Authorizer").Properties).toMatchObject({
      AuthorizerType: "JWT",
      IdentitySource: ["$request.header.Authorization"],
      JwtConfiguration: {
        Issuer: "https://id.example.com",
        Audience: ["https://hub.example.com"],
      },
    });
  });

  it("limits requests and logs each without its path", () => {
    const { Properties: properties } = theOnly(template, "AWS::ApiGatewayV2::Stage");

    expect(properties).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
    expect(at(properties, "AccessLogSettings", "Format")).not.toContain("$context.path");
  });
});

describe("the board's function", () => {
  it("receives its settings as environment variables, the accounts claim and the history only if they are set", () => {
    const withClaim = boardTemplate({
      ...boardSettings,
      scopes: ["a", "b"],
      accountsClaim: "accounts",
    });
    const environmentOf = (each: typeof template) =>
      at(theOnly(each, "AWS::Lambda::Function").Properties, "Environment", "Variables");

    expect(environmentOf(template)).toEqual({
      STAGE: "blue",
      TABLE_NAME: { Ref: expect.stringContaining("tablename") },
      ISSUER: "https://id.example.com",
      CLIENT_ID: "board",
      AUDIENCE: "https://hub.example.com",
      SCOPES: "",
      ACCOUNT_IDS: "42 43",
      HISTORY_TABLE_NAME: { Ref: expect.stringContaining("historytablename") },
    });
    expect(environmentOf(boardTemplate(boardSettings, { historyDays: 0 }))).not.toHaveProperty(
      "HISTORY_TABLE_NAME",
    );
    expect(environmentOf(withClaim)).toMatchObject({ SCOPES: "a b", ACCOUNTS_CLAIM: "accounts" });
  });

  it("receives the coverage table and the limits from supervision, each only if its setting is set", () => {
    const variablesOf = (settings: object) =>
      at(
        theOnly(boardTemplate(boardSettings, settings), "AWS::Lambda::Function").Properties,
        "Environment",
        "Variables",
      );

    expect(variablesOf({ coverage })).toMatchObject({
      COVERAGE_TABLE_NAME: { Ref: expect.stringContaining("coveragetablename") },
    });
    expect(variablesOf({ coverage })).not.toHaveProperty("STATUS_LIMITS");
    expect(variablesOf({ statusLimits })).toMatchObject({
      STATUS_LIMITS: { Ref: expect.stringContaining("statuslimits") },
    });
    expect(variablesOf({ statusLimits })).not.toHaveProperty("COVERAGE_TABLE_NAME");
  });

  it("rejects settings that do not fit into the environment", () => {
    const accountIds = Array.from({ length: 200 }, (_, index) => String(11010177632 + index));

    expect(() =>
      boardTemplate({ ...boardSettings, accountIds: accountIds.slice(0, 200) }),
    ).not.toThrow();
    expect(() =>
      boardTemplate({ ...boardSettings, accountIds: [...accountIds, ...accountIds.slice(0, 60)] }),
    ).toThrow(
      /^board and statusLimits must together be at most 3400 bytes of JSON \(got \d+\) in stage "blue"/,
    );
  });
});

describe("the board's parameters", () => {
  it("contain its URL and its log groups", () => {
    const { Outputs: outputs } = template.toJSON() as { Outputs: object };

    expect(Object.keys(outputs).toSorted()).toEqual([
      "BoardAccessLogName",
      "BoardLogName",
      "BoardUrl",
    ]);
  });
});

const MINUTE = 60;
const NOW = Date.UTC(2026, 10, 25) / 1000;

describe.each([
  ["BoardFailing", "AWS/ApiGateway", "5xx", ["ApiId"]],
  ["BoardThrottled", "AgentAvailability/blue", "BoardRequestsThrottled", []],
])("the alarm %s", (name, namespace, metricName, dimensions) => {
  const alarm = alarmsOf(template)[name];

  it("uses a metric that exists", () => {
    const inputs = alarm === undefined ? [] : inputsOf(alarm);

    expect(inputs).toMatchObject([{ Namespace: namespace, MetricName: metricName }]);
    expect(inputs.flatMap(({ Dimensions: each = [] }) => each.map(({ Name }) => Name))).toEqual(
      dimensions,
    );
  });

  it("fires after 15 minutes of failures, not after 10, and clears", () => {
    if (alarm === undefined) {
      throw new Error(`the stack has no alarm ${name}`);
    }
    const failures = (minutes: number) =>
      Array.from({ length: minutes }, (_, index) => ({
        at: NOW - (index + 1) * MINUTE,
        [metricName]: 1,
      }));

    expect(stateAt(alarm, failures(10), NOW)).toBe("OK");
    expect(stateAt(alarm, failures(15), NOW)).toBe("ALARM");
    expect(stateAt(alarm, failures(15), NOW + 30 * MINUTE)).toBe("OK");
  });
});

describe("the metric of throttled requests", () => {
  it("is counted in the board's own access log, and only for status 429", () => {
    expect(theOnly(template, "AWS::Logs::MetricFilter").Properties).toMatchObject({
      FilterPattern: '{ $.status = "429" }',
      LogGroupName: {
        Ref: Object.keys(resourcesOf(template)).find((id) => id.startsWith("AccessLog")),
      },
      MetricTransformations: [
        { MetricNamespace: "AgentAvailability/blue", MetricName: "BoardRequestsThrottled" },
      ],
    });
  });
});
