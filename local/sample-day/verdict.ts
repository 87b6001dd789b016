import { isDeepStrictEqual } from "node:util";

import { DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";

import { clientConfig, type Cloud } from "../cloud.ts";
import type { ReceivedEvent } from "./listener.ts";
import type { Model } from "./model.ts";

type Json = Readonly<Record<string, unknown>>;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** All items of an account, by the agent's key. */
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

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** What differs between the table and what it must hold, in words. */
export function itemDifferences(model: Model, items: ReadonlyMap<string, Json>): string[] {
  const unexpected = [...items.keys()].filter((key) => !model.items.has(key));
  const wrong = [...model.items].flatMap(([key, expected]) => {
    const { epoch, receivedAt, ...item } = items.get(key) ?? {};
    const isTimed = typeof epoch === "number" && TIME.test(String(receivedAt));
    return isTimed && isDeepStrictEqual(plain(item), plain(expected))
      ? []
      : [`agent ${key} is ${JSON.stringify(item)}, and must be ${JSON.stringify(expected)}`];
  });
  return [...unexpected.map((key) => `agent ${key} must not be there`), ...wrong];
}

/** An event without what only the hub can know; the id without its epoch. */
function comparable({ detail }: ReceivedEvent): { id: string; detail: unknown } {
  const { id, epoch, receivedAt, publishedAt, ...metadata } = object(detail["metadata"]);
  const isTimed = TIME.test(String(receivedAt)) && TIME.test(String(publishedAt));
  return {
    id: String(id).replace(`/${String(epoch)}/`, "/{epoch}/"),
    detail: plain({ ...detail, metadata: { ...metadata, ...(!isTimed && { times: "wrong" }) } }),
  };
}

/** What differs between the events that came and those that must have come, in words. */
export function eventDifferences(model: Model, received: readonly ReceivedEvent[]): string[] {
  const came = new Map<string, unknown>();
  const differences: string[] = [];
  for (const event of received) {
    const { id, detail } = comparable(event);
    const expected = model.events.get(id);
    came.set(id, detail);
    if (
      event["detail-type"] !== expected?.detailType ||
      !isDeepStrictEqual(detail, plain(expected.detail))
    ) {
      differences.push(
        `event ${id} is ${JSON.stringify(detail)}, and must be ${JSON.stringify(expected?.detail)}`,
      );
    }
  }
  const missing = [...model.events.keys()].filter((id) => !came.has(id));
  return [...missing.map((id) => `event ${id} is missing`), ...differences];
}
