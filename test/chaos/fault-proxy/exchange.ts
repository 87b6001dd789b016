import type { IncomingHttpHeaders } from "node:http";

/** A service of AWS, by the name that its requests carry in `x-amz-target`. */
export type Service = "dynamodb" | "streams" | "eventbridge" | "secretsmanager" | "sqs";

/** A request of an SDK to a service. */
export interface ServiceRequest {
  readonly service: Service;
  /** Such as `UpdateItem`. */
  readonly operation: string;
  readonly body: string;
}

/** What a service, or the proxy in its place, says. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer | string;
}

/** One request on its way, in the hands of a fault. */
export interface Exchange {
  readonly request: ServiceRequest;
  /** Aborts when the fault is over. */
  readonly over: AbortSignal;
  /** Lets the request through, by default as it came, whoever still waits for the answer. */
  readonly forward: (body?: string) => Promise<Answer>;
  /** Answers the caller. */
  readonly answer: (answer: Answer) => void;
  /** Resets the caller's connection. */
  readonly reset: () => void;
}

/** The first part of `x-amz-target`, of those services that can be broken. */
const TARGETS: Readonly<Record<string, Service>> = {
  DynamoDB_20120810: "dynamodb",
  DynamoDBStreams_20120810: "streams",
  AWSEvents: "eventbridge",
  secretsmanager: "secretsmanager",
  AmazonSQS: "sqs",
};

/** Whose request it is; `undefined` for services that are only let through, such as Lambda and S3. */
export function requestOf(headers: IncomingHttpHeaders, body: string): ServiceRequest | undefined {
  const target = headers["x-amz-target"];
  const [prefix = "", operation = ""] = typeof target === "string" ? target.split(".") : [];
  const service = TARGETS[prefix];
  return service && { service, operation, body };
}
