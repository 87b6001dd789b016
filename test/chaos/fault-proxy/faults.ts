import { setTimeout as sleep } from "node:timers/promises";

import * as z from "zod";

import type { Answer, Exchange, Service } from "./exchange.ts";

/** What is done to a request that a fault meets. */
export type Act = (exchange: Exchange) => Promise<void>;

/**
 * How each service words what is asked for, by its API reference ("Common errors" and each operation's
 * own). DynamoDB and SQS speak AWS JSON 1.0, EventBridge and Secrets Manager 1.1.
 */
const WORDS = {
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

function errorAnswer(service: Service, status: number, code: string, message: string): Answer {
  const { type, prefix } = WORDS[service];
  const body = JSON.stringify({ __type: `${prefix}${code}`, message });
  return { status, headers: { "content-type": type }, body };
}

/** Says that there is too much to do. AWS answers so with 400, not with 429. */
export const throttled: Act = async ({ request: { service }, answer }) => {
  answer(errorAnswer(service, 400, WORDS[service].throttled, "Rate exceeded"));
  await Promise.resolve();
};

/** Answers 500. */
export const failing: Act = async ({ request: { service }, answer }) => {
  answer(errorAnswer(service, 500, WORDS[service].failed, "Internal server error"));
  await Promise.resolve();
};

/** Says that the caller's role may not do that. */
export const denied: Act = async ({ request: { service, operation }, answer }) => {
  const message = `User: arn:aws:sts::000000000000:assumed-role/function is not authorized to perform: ${service}:${operation}`;
  answer(errorAnswer(service, 400, "AccessDeniedException", message));
  await Promise.resolve();
};

/** Resets the connection before the service has seen anything. */
export const resetting: Act = async ({ reset }) => {
  reset();
  await Promise.resolve();
};

/** Lets the request through only after a while: also when its caller has long given up. */
export function delayed(milliseconds: () => number): Act {
  return async ({ forward, answer }) => {
    await sleep(milliseconds());
    answer(await forward());
  };
}

/** Says nothing until the fault is over; the service never sees the request. */
export const blackHoled: Act = async ({ over, reset }) => {
  await new Promise<void>((resolve) => {
    over.addEventListener("abort", () => {
      resolve();
    });
  });
  reset();
};

/** Lets the request through, and drops the answer. */
export const answerLost: Act = async ({ forward, reset }) => {
  await forward();
  reset();
};

const requestSchema = z.looseObject({ Entries: z.array(z.looseObject({ Detail: z.string() })) });
const answerSchema = z.looseObject({
  Entries: z.array(z.looseObject({})),
  FailedEntryCount: z.int(),
});

/** An event on its way to the bus, as its `Detail` has it. */
export type Detail = unknown;

/**
 * Refuses chosen entries of PutEvents and lets their neighbours through: the call succeeds with 200, and
 * says in `FailedEntryCount` that not all of it did. A call without chosen entries is not touched.
 */
export function refusingEntries(isChosen: (detail: Detail) => boolean, code: string): Act {
  const refusal = { ErrorCode: code, ErrorMessage: `refused with ${code}` };
  return async ({ request, forward, answer }) => {
    const { Entries: entries, ...rest } = requestSchema.parse(JSON.parse(request.body));
    const isRefused = entries.map(({ Detail: detail }) => isChosen(JSON.parse(detail)));
    const others = entries.filter((_, index) => isRefused[index] !== true);
    const { status, headers, body } =
      others.length > 0
        ? await forward(JSON.stringify({ ...rest, Entries: others }))
        : emptyAnswer();
    const accepted = answerSchema.parse(JSON.parse(String(body)));
    const waiting = [...accepted.Entries];
    const Entries = isRefused.map((refused) => (refused ? refusal : waiting.shift()));
    const refusedCount = entries.length - others.length;
    const FailedEntryCount = accepted.FailedEntryCount + refusedCount;
    answer({ status, headers, body: JSON.stringify({ ...accepted, Entries, FailedEntryCount }) });
  };
}

function emptyAnswer(): Answer {
  const body = JSON.stringify({ Entries: [], FailedEntryCount: 0 });
  return { status: 200, headers: { "content-type": WORDS.eventbridge.type }, body };
}

/** Whether a call of PutEvents has an entry of those that are chosen. */
export function hasEntry(body: string, isChosen: (detail: Detail) => boolean): boolean {
  const { data } = requestSchema.safeParse(JSON.parse(body));
  return data?.Entries.some(({ Detail: detail }) => isChosen(JSON.parse(detail))) === true;
}

const recordSchema = z.looseObject({
  dynamodb: z.looseObject({ ApproximateCreationDateTime: z.number() }),
});
const recordsSchema = z.looseObject({ Records: z.array(recordSchema) });

function older({ dynamodb, ...record }: z.infer<typeof recordSchema>, seconds: number): object {
  const ApproximateCreationDateTime = dynamodb.ApproximateCreationDateTime - seconds;
  return { ...record, dynamodb: { ...dynamodb, ApproximateCreationDateTime } };
}

/** Makes the stream's records look older than they are, by seconds: what else would take hours. */
export function aged(seconds: number): Act {
  return async ({ forward, answer }) => {
    const { body, ...rest } = await forward();
    const { Records: records, ...others } = recordsSchema.parse(JSON.parse(String(body)));
    const Records = records.map((record) => older(record, seconds));
    answer({ ...rest, body: JSON.stringify({ ...others, Records }) });
  };
}
