import { Fn, type Stack } from "aws-cdk-lib";
import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";

import type { ServiceMetrics } from "../../functions/availability/metrics.ts";
import { accessLogNamespace } from "../http-api-stage.ts";
import { hubMetric } from "../hub-metric.ts";
import type { Stage } from "../stage.ts";
import type { StageOutput } from "../stage-parameter-names.ts";
import { stageParameter } from "../stage-parameters.ts";

type QueueUrl = "NotForwardedQueueUrl" | "DeadLetterQueueUrl";

/** The metrics of a stage, for alarms and the dashboard. Each is a sum unless `statistic` or a comment says otherwise. */
export class StageMetrics {
  readonly stage: Stage;
  private readonly stack: Stack;

  constructor(stack: Stack, stage: Stage) {
    this.stack = stack;
    this.stage = stage;
  }

  /** Returns the value of a stage parameter, which CloudFormation resolves when it deploys the stack. */
  parameter(name: StageOutput): string {
    return stageParameter(this.stack, this.stage.name, name);
  }

  /** A metric that a function of the hub writes. */
  hub<Service extends keyof ServiceMetrics>(
    service: Service,
    name: ServiceMetrics[Service],
    options: MetricOptions,
  ): Metric {
    return hubMetric(this.stage, service, name, { label: name, ...options });
  }

  /** Requests that API Gateway rejected with 429, counted in its access log. */
  throttledRequests(options: MetricOptions): Metric {
    return metric(accessLogNamespace(this.stage), "RequestsThrottled", {}, options);
  }

  /** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html */
  api(name: "4xx" | "5xx" | "Count" | "Latency", options: MetricOptions): Metric {
    return metric("AWS/ApiGateway", name, { ApiId: this.parameter("ApiId") }, options);
  }

  /** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  lambda(
    functionName: "IngestFunctionName" | "PublisherFunctionName",
    name: "Invocations" | "IteratorAge",
    options: MetricOptions,
  ): Metric {
    return metric("AWS/Lambda", name, { FunctionName: this.parameter(functionName) }, options);
  }

  /**
   * Records of the table's stream that Lambda stopped retrying.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
   */
  eventSourceMapping(
    name: "DroppedEventCount" | "OnFailureDestinationDeliveredEventCount",
    options: MetricOptions,
  ): Metric {
    const dimensions = { EventSourceMappingUUID: this.parameter("PublisherEventSourceMappingId") };
    return metric("AWS/Lambda", name, dimensions, options);
  }

  /**
   * The maximum of a queue's metric.
   *
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
   */
  queue(
    queueUrl: QueueUrl,
    name: "ApproximateAgeOfOldestMessage" | "ApproximateNumberOfMessagesVisible",
    options: MetricOptions,
  ): Metric {
    // https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
    const queueName = Fn.select(4, Fn.split("/", this.parameter(queueUrl)));
    return metric("AWS/SQS", name, { QueueName: queueName }, { statistic: "Maximum", ...options });
  }

  waitingMessages(queueUrl: QueueUrl, options: MetricOptions): Metric {
    return this.queue(queueUrl, "ApproximateNumberOfMessagesVisible", options);
  }

  /**
   * Objects in the on-failure destination, once a day.
   *
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
   */
  failedObjects(options: MetricOptions): Metric {
    const dimensions = {
      BucketName: this.parameter("OnFailureBucketName"),
      StorageType: "AllStorageTypes",
    };
    return metric("AWS/S3", "NumberOfObjects", dimensions, options);
  }

  /** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html */
  table(name: "ConsumedWriteCapacityUnits", options: MetricOptions): Metric {
    return metric("AWS/DynamoDB", name, { TableName: this.parameter("TableName") }, options);
  }
}

function metric(
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  options: MetricOptions,
): Metric {
  return new Metric({
    namespace,
    metricName,
    dimensionsMap,
    statistic: "Sum",
    label: metricName,
    ...options,
  });
}
