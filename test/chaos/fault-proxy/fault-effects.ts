import { setTimeout as sleep } from "node:timers/promises";

import * as z from "zod";

import type { Exchange, Service, ServiceResponse } from "./service-exchange.ts";

/** Handles a request that a fault matches. */
export type Effect = (exchange: Exchange) => Promise<void>;

/**
 * Error codes from each service's API reference. DynamoDB and SQS use AWS JSON 1.0, EventBridge and Secrets
 * Manager use 1.1.
 */
const ERRORS = {
  dynamodb: {
    type: "application/x-amz-json-1.0",
    prefix: "com.amazonaws.dynamodb.v20120810#",
    throttled: "ProvisionedThroughputExceededException",
    failed: "InternalServerError",
  },
  streams: {
    type: "application/x-amz-json-1.0",
    prefix: "com.amazonaws.dynamodb.v20120810#",
    throttled: "LimitExceededException",
    failed: "InternalServerError",
  },
  eventbridge: {
    type: "application/x-amz-json-1.1",
    prefix: "",
    throttled: "ThrottlingException",
    failed: "InternalException",
  },
  secretsmanager: {
    type: "application/x-amz-json-1.1",
    prefix: "",
    throttled: "ThrottlingException",
    failed: "InternalServiceError",
  },
  sqs: {
    type: "application/x-amz-json-1.0",
    prefix: "com.amazonaws.sqs#",
    throttled: "RequestThrottled",
    failed: "InternalFailure",
  },
} as const satisfies Record<Service, object>;

function errorResponse(
  service: Service,
  status: number,
  code: string,
  message: string,
): ServiceResponse {
  const { type, prefix } = ERRORS[service];
  const body = JSON.stringify({ __type: `${prefix}${code}`, message });
  return { status, headers: { "content-type": type }, body };
}

/** Responds with a throttling error. AWS uses status 400 for it, not 429. */
export const throttle: Effect = async ({ request: { service }, respond }) => {
  respond(errorResponse(service, 400, ERRORS[service].throttled, "Rate exceeded"));
  await Promise.resolve();
};

export const respondWith500: Effect = async ({ request: { service }, respond }) => {
  respond(errorResponse(service, 500, ERRORS[service].failed, "Internal server error"));
  await Promise.resolve();
};

/** Responds that the caller's role lacks the permission. */
export const denyAccess: Effect = async ({ request: { service, operation }, respond }) => {
  const message = `User: arn:aws:sts::000000000000:assumed-role/function is not authorized to perform: ${service}:${operation}`;
  respond(errorResponse(service, 400, "AccessDeniedException", message));
  await Promise.resolve();
};

/** Responds that the request is invalid, which the SDK does not retry. */
export const rejectAsInvalid: Effect = async ({ request: { service }, respond }) => {
  respond(errorResponse(service, 400, "ValidationException", "The provided item is invalid"));
  await Promise.resolve();
};

/** Resets the connection before the request reaches the service. */
export const resetConnection: Effect = async ({ reset }) => {
  reset();
  await Promise.resolve();
};

/** Forwards the request after a delay, even if the caller has timed out. */
export function delayBy(milliseconds: () => number): Effect {
  return async ({ forward, respond }) => {
    await sleep(milliseconds());
    respond(await forward());
  };
}

/** Does not respond until the fault ends. The request never reaches the service. */
export const withholdResponse: Effect = async ({ ended, reset }) => {
  await new Promise<void>((resolve) => {
    ended.addEventListener("abort", () => {
      resolve();
    });
  });
  reset();
};

/** Forwards the request and drops the response. */
export const dropResponse: Effect = async ({ forward, reset }) => {
  await forward();
  reset();
};

const requestSchema = z.looseObject({ Entries: z.array(z.looseObject({ Detail: z.string() })) });
const responseSchema = z.looseObject({
  Entries: z.array(z.looseObject({})),
  FailedEntryCount: z.int(),
});

/**
 * Rejects selected entries of PutEvents and forwards the others. The call succeeds with 200, and its
 * `FailedEntryCount` includes the rejected entries.
 */
export function rejectEntries(isSelected: (detail: unknown) => boolean, code: string): Effect {
  const rejection = { ErrorCode: code, ErrorMessage: `rejected with ${code}` };
  return async ({ request, forward, respond }) => {
    const { Entries: entries, ...rest } = requestSchema.parse(JSON.parse(request.body));
    const isRejected = entries.map(({ Detail: detail }) => isSelected(JSON.parse(detail)));
    const others = entries.filter((_, index) => isRejected[index] !== true);
    const { status, headers, body } =
      others.length > 0
        ? await forward(JSON.stringify({ ...rest, Entries: others }))
        : emptyResponse();
    const accepted = responseSchema.parse(JSON.parse(String(body)));
    const remaining = [...accepted.Entries];
    const Entries = isRejected.map((rejected) => (rejected ? rejection : remaining.shift()));
    const rejectedCount = entries.length - others.length;
    const FailedEntryCount = accepted.FailedEntryCount + rejectedCount;
    respond({ status, headers, body: JSON.stringify({ ...accepted, Entries, FailedEntryCount }) });
  };
}

function emptyResponse(): ServiceResponse {
  const body = JSON.stringify({ Entries: [], FailedEntryCount: 0 });
  return { status: 200, headers: { "content-type": ERRORS.eventbridge.type }, body };
}

/** Returns whether a PutEvents request contains a selected entry. */
export function hasEntry(body: string, isSelected: (detail: unknown) => boolean): boolean {
  const { data } = requestSchema.safeParse(JSON.parse(body));
  return data?.Entries.some(({ Detail: detail }) => isSelected(JSON.parse(detail))) === true;
}

const recordSchema = z.looseObject({
  dynamodb: z.looseObject({ ApproximateCreationDateTime: z.number() }),
});
const recordsSchema = z.looseObject({ Records: z.array(recordSchema) });

function olderRecord(
  { dynamodb, ...record }: z.infer<typeof recordSchema>,
  seconds: number,
): object {
  const ApproximateCreationDateTime = dynamodb.ApproximateCreationDateTime - seconds;
  return { ...record, dynamodb: { ...dynamodb, ApproximateCreationDateTime } };
}

/** Makes the stream's records look older by a number of seconds, for scenarios that would take hours. */
export function ageRecordsBy(seconds: number): Effect {
  return async ({ forward, respond }) => {
    const { body, ...rest } = await forward();
    const { Records: records, ...others } = recordsSchema.parse(JSON.parse(String(body)));
    const Records = records.map((record) => olderRecord(record, seconds));
    respond({ ...rest, body: JSON.stringify({ ...others, Records }) });
  };
}
