import { Aws, Fn } from "aws-cdk-lib";
import { type HttpApi, HttpStage, LogGroupLogDestination } from "aws-cdk-lib/aws-apigatewayv2";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import { FilterPattern, type ILogGroup, LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import { METRICS_NAMESPACE } from "../functions/availability/metrics.ts";
import { removalPolicyOf } from "./removal-policy.ts";
import type { Stage } from "./stage.ts";

export interface HttpApiStageProps {
  readonly api: HttpApi;

  /** Requests per second, and burst. */
  readonly throttle: Stage["throttle"];

  /** Determines how long the access log is kept. */
  readonly stage: Stage;
}

/** Deploys an HTTP API with a throttle and an access log: adds the children `Stage` and `AccessLog` to a scope. */
export function createHttpApiStage(scope: Construct, { api, throttle, stage }: HttpApiStageProps) {
  const accessLog = new LogGroup(scope, "AccessLog", {
    // API Gateway adds every group with another prefix to the region's log delivery policy, which is
    // limited to 5,120 characters. The stack's ID makes the name unique: a retained group cannot block
    // the next deployment.
    logGroupName: `/aws/vendedlogs/agent-availability-${stage.name}-${Fn.select(2, Fn.split("/", Aws.STACK_ID))}`,
    retention: stage.logRetentionDays,
    removalPolicy: removalPolicyOf(stage),
  });
  const apiStage = new HttpStage(scope, "Stage", {
    httpApi: api,
    stageName: "$default",
    autoDeploy: true,
    throttle: { rateLimit: throttle.rate, burstLimit: throttle.burst },
    accessLogSettings: {
      destination: new LogGroupLogDestination(accessLog),
      format: AccessLogFormat.custom(
        JSON.stringify({
          requestId: "$context.requestId",
          sourceIp: "$context.identity.sourceIp",
          requestTime: "$context.requestTime",
          // Not `path`: AWS does not document how it escapes the caller's path, so a path with
          // quotation marks could forge `status`.
          route: "$context.routeKey",
          status: "$context.status",
          // Not `messageString`, which contains quotation marks.
          error: "$context.error.message",
          integrationError: "$context.integrationErrorMessage",
          latency: "$context.responseLatency",
        }),
      ),
    },
  });
  return { apiStage, accessLog };
}

/**
 * Returns a namespace per stage: a metric filter takes dimensions only from the log line, and the access log does
 * not name the stage.
 */
export function accessLogNamespace({ name }: Stage): string {
  return `${METRICS_NAMESPACE}/${name}`;
}

/** Counts the requests that API Gateway rejected with 429. The service's own metric counts all 4xx responses. */
export function countThrottledRequests(
  scope: Construct,
  logGroup: ILogGroup,
  stage: Stage,
  metricName: string,
): MetricFilter {
  return new MetricFilter(scope, "ThrottledRequests", {
    logGroup,
    filterPattern: FilterPattern.stringValue("$.status", "=", "429"),
    metricNamespace: accessLogNamespace(stage),
    metricName,
    metricValue: "1",
  });
}
