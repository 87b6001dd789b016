import { isDeepStrictEqual } from "node:util";

import { DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";

import { clientConfig, type Cloud } from "../emulator/cloud.ts";
import type { ReceivedEvent } from "./listener.ts";
import { type Json, asObject } from "./json.ts";
import type { ExpectedAgent } from "./expected-agents.ts";
import type { ReferenceModel } from "./reference-model.ts";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Returns all items of an account by `{accountId}/{availabilityId}`. */
export async function itemsOf(cloud: Cloud, accountId: string): Promise<Map<string, Json>> {
  const pages = paginateQuery(
    { client: new DynamoDBClient(clientConfig(cloud)) },
    {
      TableName: cloud.tableName,
      ConsistentRead: true,
      KeyConditionExpression: "accountId = :accountId",
      ExpressionAttributeValues: { ":accountId": { S: accountId } },
    },
  );
  const items = new Map<string, Json>();
  for await (const { Items: found = [] } of pages) {
    for (const item of found.map((each): Json => unmarshall(each))) {
      items.set(`${accountId}/${String(item["availabilityId"])}`, item);
    }
  }
  return items;
}

function toJsonValue(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Describes the differences between the items in the table and those of the model. */
export function itemDifferences(model: ReferenceModel, items: ReadonlyMap<string, Json>): string[] {
  const unexpected = [...items.keys()].filter((key) => !model.items.has(key));
  const wrong = [...model.items].flatMap(([key, expected]) => {
    const { epoch, receivedAt, ...item } = items.get(key) ?? {};
    const isReceived = TIME.test(String(receivedAt)) !== (item["removedAt"] !== undefined);
    const isTimed = typeof epoch === "number" && isReceived;
    return isTimed && isDeepStrictEqual(toJsonValue(item), toJsonValue(expected))
      ? []
      : [`item ${key} is ${JSON.stringify(item)}, expected ${JSON.stringify(expected)}`];
  });
  return [...unexpected.map((key) => `item ${key} is unexpected`), ...wrong];
}

const byKey = (first: ExpectedAgent, second: ExpectedAgent) =>
  String(first.availabilityId) < String(second.availabilityId) ? -1 : 1;

/** Returns agents in the order of their keys, with only the values that the model knows. */
function comparableAgents(agents: readonly ExpectedAgent[]): unknown[] {
  return agents.toSorted(byKey).map((agent) => {
    const { availabilityId, userId, name, email, loggedIn, status, channels } = agent;
    return toJsonValue({ availabilityId, userId, name, email, loggedIn, status, channels });
  });
}

/** Describes the differences between the agents that a lookup returned and those of the model. */
export function agentDifferences(
  lookup: string,
  expected: readonly ExpectedAgent[],
  found: readonly ExpectedAgent[],
): string[] {
  const [expectedAgents, returned] = [comparableAgents(expected), comparableAgents(found)];
  return isDeepStrictEqual(expectedAgents, returned)
    ? []
    : [`${lookup} returns ${JSON.stringify(returned)}, expected ${JSON.stringify(expectedAgents)}`];
}

/** Returns an event without the values that only the hub can know, and its ID without the epoch. */
function toComparable({ "detail-type": type, detail }: ReceivedEvent): {
  id: string;
  detail: unknown;
} {
  const { id, epoch, receivedAt, publishedAt, ...metadata } = asObject(detail["metadata"]);
  const isReceived = TIME.test(String(receivedAt)) !== (type === "Agent Removed");
  const isTimed = isReceived && TIME.test(String(publishedAt));
  return {
    id: String(id).replace(`/${String(epoch)}/`, "/{epoch}/"),
    detail: toJsonValue({
      ...detail,
      metadata: { ...metadata, ...(!isTimed && { times: "wrong" }) },
    }),
  };
}

/** Describes the differences between the received events and those of the model. */
export function eventDifferences(
  model: ReferenceModel,
  received: readonly ReceivedEvent[],
): string[] {
  const receivedById = new Map<string, unknown>();
  const differences: string[] = [];
  for (const event of received) {
    const { id, detail } = toComparable(event);
    const expected = model.events.get(id);
    receivedById.set(id, detail);
    if (
      event["detail-type"] !== expected?.detailType ||
      !isDeepStrictEqual(detail, toJsonValue(expected.detail))
    ) {
      differences.push(
        `event ${id} is ${JSON.stringify(detail)}, expected ${JSON.stringify(expected?.detail)}`,
      );
    }
  }
  const missing = [...model.events.keys()].filter((id) => !receivedById.has(id));
  return [...missing.map((id) => `event ${id} is missing`), ...differences];
}
