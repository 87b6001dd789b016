import type { Stack } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { Duration } from "aws-cdk-lib";
import { Fn } from "aws-cdk-lib";

import {
  type CensusMetric,
  type IngestMetric,
  METRICS_NAMESPACE,
  type PublisherMetric,
} from "../../functions/availability/metrics.ts";
import { stageParameter } from "../stage-parameters.ts";
import type { Stage } from "../stage.ts";

/** What the data path tells of itself, and is looked at by. */
export type Told =
  | "AccessLogName"
  | "ApiId"
  | "OnFailureBucketName"
  | "IngestFunctionName"
  | "IngestLogName"
  | "NotForwardedQueueUrl"
  | "PublisherFunctionName"
  | "PublisherLogName"
  | "DeadLetterQueueUrl"
  | "TableArn"
  | "TableName";

/** How a metric is looked at. */
export interface Look {
  readonly period: Duration;
  /** @default "Sum" */
  readonly statistic?: string;
}

/** A stage's data path as somebody sees it who looks at it from outside: its metrics and names. */
export class Watched {
  private readonly stack: Stack;
  readonly stage: Stage;

  constructor(stack: Stack, stage: Stage) {
    this.stack = stack;
    this.stage = stage;
  }

  /** What the data path told under a name; CloudFormation looks it up when it deploys. */
  told(name: Told): string {
    return stageParameter(this.stack, this.stage.name, name);
  }

  ingest(name: IngestMetric, look: Look): Metric {
    return this.ours("ingest", name, look);
  }

  publisher(name: PublisherMetric, look: Look): Metric {
    return this.ours("publisher", name, look);
  }

  census(name: CensusMetric, look: Look): Metric {
    return this.ours("census", name, look);
  }

  /** Requests that API Gateway refused with 429, counted in its access log. */
  throttled(look: Look): Metric {
    return metric(throttledNamespace(this.stage), "RequestsThrottled", {}, look);
  }

  /** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html */
  api(name: "4xx" | "5xx" | "Count" | "Latency", look: Look): Metric {
    return metric("AWS/ApiGateway", name, { ApiId: this.told("ApiId") }, look);
  }

  /** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  lambda(
    of: "IngestFunctionName" | "PublisherFunctionName",
    name: "DestinationDeliveryFailures" | "Errors" | "Invocations" | "IteratorAge" | "Throttles",
    look: Look,
  ): Metric {
    return metric("AWS/Lambda", name, { FunctionName: this.told(of) }, look);
  }

  /** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
  queue(
    of: "NotForwardedQueueUrl" | "DeadLetterQueueUrl",
    name: "ApproximateAgeOfOldestMessage" | "ApproximateNumberOfMessagesVisible",
    look: Look,
  ): Metric {
    // https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
    const queueName = Fn.select(4, Fn.split("/", this.told(of)));
    return metric("AWS/SQS", name, { QueueName: queueName }, look);
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html */
  failedObjects(look: Look): Metric {
    const dimensions = {
      BucketName: this.told("OnFailureBucketName"),
      StorageType: "AllStorageTypes",
    };
    return metric("AWS/S3", "NumberOfObjects", dimensions, look);
  }

  /** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html */
  table(name: "ConsumedWriteCapacityUnits", look: Look): Metric {
    return metric("AWS/DynamoDB", name, { TableName: this.told("TableName") }, look);
  }

  private ours(service: string, name: string, look: Look): Metric {
    return metric(METRICS_NAMESPACE, name, { service, stage: this.stage.name }, look);
  }
}

/** A metric filter cannot give a metric a dimension that its log lines do not have. */
export function throttledNamespace({ name }: Stage): string {
  return `${METRICS_NAMESPACE}/${name}`;
}

function metric(
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  { period, statistic = "Sum" }: Look,
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap, statistic, period, label: metricName });
}
