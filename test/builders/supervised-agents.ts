import {
  type AttributeValue,
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";

import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import type { AgentStatus } from "../../functions/availability/change.ts";
import type { SupervisionEvent } from "../../functions/availability/typed-event.ts";
import type { StatusLimit } from "../../functions/availability/overrun.ts";
import { parseOverrunMessage } from "../../functions/supervision/overrun-message.ts";
import { createOverruns } from "../../functions/supervision/overruns.ts";
import { createSchedules } from "../../functions/supervision/schedules.ts";

/** The facts of an item that a test sets. */
export interface SupervisedItem {
  readonly accountId: string;
  readonly availabilityId: string;
  readonly userId?: string;
  readonly email?: string;
  readonly updatedAt?: string;
  readonly status?: AgentStatus | undefined;
}

export interface FakeSchedule {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The message that it sends. */
  readonly message: string;
}

/** Replaces the calls of a client. aws-sdk-client-mock keeps each call, which is too slow for millions of them. */
function respondWith<Client extends object>(
  client: Client,
  respond: (command: unknown) => object,
): Client {
  return Object.assign(client, {
    send: async (command: unknown) => await Promise.resolve().then(() => respond(command)),
  });
}

const keyOf = ({
  accountId,
  availabilityId,
}: Pick<SupervisedItem, "accountId" | "availabilityId">) => `${accountId}/${availabilityId}`;

type Key = Readonly<Record<string, AttributeValue>>;

const textOf = (key: Key) => [key["accountId"]?.S, key["availabilityId"]?.S].join("/");

/** Returns whether a query of an index by email address or user ID returns an item. */
function isInIndex(
  item: SupervisedItem,
  { IndexName: index, ...input }: QueryCommandInput,
): boolean {
  const values = input.ExpressionAttributeValues ?? {};
  const value = index === "ByEmail" ? item.email : item.userId;
  return item.accountId === values[":accountId"]?.S && value === values[":value"]?.S;
}

/** Returns an item as the table stores it. It is written out, because marshalling takes most of the time. */
function storedItem({
  updatedAt = "2026-11-24T00:00:00.000Z",
  status,
  ...item
}: SupervisedItem): Key {
  const attributes = {
    accountId: { S: item.accountId },
    availabilityId: { S: item.availabilityId },
    ...(item.userId !== undefined && { userId: { S: item.userId } }),
    ...(item.email !== undefined && { email: { S: item.email } }),
    epoch: { N: "1000" },
    version: { N: "1" },
    updatedAt: { S: updatedAt },
    eventTimestamp: { N: String(Date.parse(updatedAt) * 1000) },
    contentHash: { S: "a" },
    receivedAt: { S: updatedAt },
    origin: { S: "relay" },
    channels: { M: {} },
  };
  return status === undefined
    ? attributes
    : {
        ...attributes,
        status: {
          M: {
            id: { S: status.id },
            ...(status.name !== undefined && { name: { S: status.name } }),
            ...(status.since !== undefined && { since: { S: status.since } }),
          },
        },
      };
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

  const read = (key: Key = {}) => {
    const item = items.get(textOf(key));
    return item && storedItem(item);
  };

  const dynamo = respondWith(new DynamoDBClient({}), (command) => {
    if (command instanceof GetItemCommand) {
      if (command.input.ConsistentRead !== true) {
        throw new Error("the table must be read consistently");
      }
      return { Item: read(command.input.Key) };
    }
    if (command instanceof QueryCommand) {
      const { input } = command;
      return {
        Items: [...items.values()].filter((item) => isInIndex(item, input)).map(storedItem),
      };
    }
    if (command instanceof BatchGetItemCommand) {
      const keys = command.input.RequestItems?.["agents"]?.Keys ?? [];
      return { Responses: { agents: keys.map(read).filter((item) => item !== undefined) } };
    }
    throw new Error(`the table does not support ${String(command)}`);
  });

  const scheduler = respondWith(new SchedulerClient({}), (command) => {
    if (!(command instanceof CreateScheduleCommand)) {
      throw new Error(`the scheduler does not support ${String(command)}`);
    }
    const { input } = command;
    const { Name: name = "", ScheduleExpression: expression = "", Target: target } = input;
    if (schedules.has(name)) {
      throw new ConflictException({ $metadata: {}, Message: "exists", message: "exists" });
    }
    const at = Date.parse(`${/^at\((.+)\)$/.exec(expression)?.[1] ?? ""}Z`);
    const schedule = { name, at, message: target?.Input ?? "" };
    inputs.push(input);
    schedules.set(name, schedule);
    agents.onSchedule(schedule);
    return {};
  });

  const process = createOverruns({
    limits,
    lookup: createAgentLookup({ tableName: "agents", client: dynamo }),
    schedules: createSchedules(scheduler, {
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

  const agents = {
    /** Called with each new schedule. */
    onSchedule: (_schedule: FakeSchedule): void => undefined,
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
  };
  return agents;
}
