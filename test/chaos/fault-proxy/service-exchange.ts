import type { IncomingHttpHeaders } from "node:http";

/** An AWS service that faults can affect. */
export type Service = "dynamodb" | "streams" | "eventbridge" | "secretsmanager" | "sqs";

/** A request of an SDK to a service. */
export interface ServiceRequest {
  readonly service: Service;
  /** The name of the operation, such as `UpdateItem`. */
  readonly operation: string;
  readonly body: string;
}

/** A response of a service, or of the proxy in its place. */
export interface ServiceResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer | string;
}

/** A request that a fault handles. */
export interface Exchange {
  readonly request: ServiceRequest;
  /** Aborts when the fault ends. */
  readonly ended: AbortSignal;
  /** Sends the request to the service, with another body if given, even if the caller is gone. */
  readonly forward: (body?: string) => Promise<ServiceResponse>;
  /** Sends a response to the caller. */
  readonly respond: (response: ServiceResponse) => void;
  /** Resets the caller's connection. */
  readonly reset: () => void;
}

/** Services by the first part of the header `x-amz-target`. */
const TARGETS: Readonly<Record<string, Service>> = {
  DynamoDB_20120810: "dynamodb",
  DynamoDBStreams_20120810: "streams",
  AWSEvents: "eventbridge",
  secretsmanager: "secretsmanager",
  AmazonSQS: "sqs",
};

/** Returns the service and operation of a request; `undefined` for other services, such as Lambda and S3. */
export function requestOf(headers: IncomingHttpHeaders, body: string): ServiceRequest | undefined {
  const target = headers["x-amz-target"];
  const [prefix = "", operation = ""] = typeof target === "string" ? target.split(".") : [];
  const service = TARGETS[prefix];
  return service && { service, operation, body };
}
