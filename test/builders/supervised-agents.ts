import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import { marshall } from "@aws-sdk/util-dynamodb";
import { mockClient } from "aws-sdk-client-mock";

import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import type { AgentStatus } from "../../functions/availability/change.ts";
import type { SupervisionEvent } from "../../functions/availability/events.ts";
import type { StatusLimit } from "../../functions/availability/overrun.ts";
import { parseOverrunMessage } from "../../functions/supervision/overrun-message.ts";
import { createOverruns } from "../../functions/supervision/overruns.ts";
import { createSchedules } from "../../functions/supervision/schedules.ts";

/** What a test states about an item of the table. */
export interface SupervisedItem {
  readonly accountId: string;
  readonly availabilityId: string;
  readonly userId?: string;
  readonly email?: string;
  readonly updatedAt?: string;
  readonly status?: AgentStatus | undefined;
}

/** A one-time schedule. */
export interface FakeSchedule {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The message that it sends. */
  readonly message: string;
}

const dynamo = mockClient(DynamoDBClient);
const scheduler = mockClient(SchedulerClient);

const keyOf = ({
  accountId,
  availabilityId,
}: Pick<SupervisedItem, "accountId" | "availabilityId">) => `${accountId}/${availabilityId}`;

type Key = Readonly<Record<string, AttributeValue>>;

const textOf = (key: Key) => [key["accountId"]?.S, key["availabilityId"]?.S].join("/");

/** Whether a query of an index by email address or user ID returns an item. */
function isInIndex(
  item: SupervisedItem,
  { IndexName: index, ...input }: QueryCommandInput,
): boolean {
  const values = input.ExpressionAttributeValues ?? {};
  const value = index === "ByEmail" ? item.email : item.userId;
  return item.accountId === values[":accountId"]?.S && value === values[":value"]?.S;
}

function storedItem({ updatedAt = "2026-11-24T00:00:00.000Z", ...item }: SupervisedItem) {
  return marshall(
    {
      ...item,
      epoch: 1000,
      version: 1,
      updatedAt,
      eventTimestamp: Date.parse(updatedAt) * 1000,
      contentHash: "a",
      receivedAt: updatedAt,
      origin: "relay",
      channels: {},
    },
    { removeUndefinedValues: true },
  );
}

/** The event that the hub publishes when an agent enters a status, as the rule delivers it. */
export function statusMessage({ accountId, availabilityId, status }: SupervisedItem): string {
  return JSON.stringify({
    "detail-type": "Agent Availability Changed",
    detail: { accountId, agent: { availabilityId }, changed: ["status"], status, channels: {} },
  });
}

/**
 * The processing of overruns with a table, a scheduler and a bus in memory. The clock is `clock.now`; nothing fires
 * by itself.
 */
export function supervisedAgents(limits: readonly StatusLimit[]) {
  const clock = { now: Date.parse("2026-11-24T08:00:00.000Z") };
  const items = new Map<string, SupervisedItem>();
  const schedules = new Map<string, FakeSchedule>();
  const published: SupervisionEvent[] = [];
  const inputs: CreateScheduleCommandInput[] = [];
  const failures = { publish: 0 };

  dynamo.reset();
  scheduler.reset();
  const read = (key: Key = {}) => {
    const item = items.get(textOf(key));
    return item && storedItem(item);
  };
  dynamo.on(GetItemCommand).callsFake((input: GetItemCommandInput) => {
    if (input.ConsistentRead !== true) {
      throw new Error("the table must be read consistently");
    }
    return { Item: read(input.Key) };
  });
  dynamo.on(QueryCommand).callsFake((input: QueryCommandInput) => ({
    Items: [...items.values()].filter((item) => isInIndex(item, input)).map(storedItem),
  }));
  dynamo.on(BatchGetItemCommand).callsFake((input: BatchGetItemCommandInput) => ({
    Responses: {
      agents: (input.RequestItems?.["agents"]?.Keys ?? [])
        .map(read)
        .filter((item) => item !== undefined),
    },
  }));
  scheduler.on(CreateScheduleCommand).callsFake((input: CreateScheduleCommandInput) => {
    const { Name: name = "", ScheduleExpression: expression = "", Target: target } = input;
    if (schedules.has(name)) {
      throw new ConflictException({ $metadata: {}, Message: "exists", message: "exists" });
    }
    const at = Date.parse(`${/^at\((.+)\)$/.exec(expression)?.[1] ?? ""}Z`);
    inputs.push(input);
    schedules.set(name, { name, at, message: target?.Input ?? "" });
    return {};
  });

  const process = createOverruns({
    limits,
    lookup: createAgentLookup({ tableName: "agents", client: new DynamoDBClient({}) }),
    schedules: createSchedules(new SchedulerClient({}), {
      groupName: "overruns",
      roleArn: "arn:aws:iam::123456789012:role/overruns",
      queueArn: "arn:aws:sqs:eu-central-1:123456789012:overruns",
      deadLetterQueueArn: "arn:aws:sqs:eu-central-1:123456789012:overrun-dead-letters",
    }),
    publish: (event) => {
      if (failures.publish > 0) {
        failures.publish -= 1;
        return Promise.reject(new Error("the bus is unavailable"));
      }
      published.push(event);
      return Promise.resolve();
    },
    options: { personalData: false },
    metrics: { count: () => undefined },
    now: () => clock.now,
  });

  return {
    clock,
    failures,
    schedules,
    /** The calls that created a schedule. */
    inputs,
    published,
    publishedIds: () => published.map(({ detail }) => detail.metadata.id),

    store(item: SupervisedItem): void {
      items.set(keyOf(item), item);
    },

    remove(item: SupervisedItem): void {
      items.delete(keyOf(item));
    },

    /** Delivers a message of the queue. */
    async deliver(message: string): Promise<void> {
      await process(parseOverrunMessage(message));
    },

    /** Forgets the calls that were made, which would fill the memory. */
    forgetCalls(): void {
      dynamo.resetHistory();
      scheduler.resetHistory();
    },
  };
}
