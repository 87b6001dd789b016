import type {
  AttributeValue,
  BatchGetItemCommandInput,
  DeleteItemCommandInput,
  GetItemCommandInput,
  QueryCommandInput,
  UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";

import { checkSubstitutes, holds, applyUpdate } from "./expression.ts";

type Item = Record<string, AttributeValue>;

const indexes = [
  { name: "ByEmail", sortKey: "email" },
  { name: "ByUserId", sortKey: "userId" },
  { name: "ByFreshdeskAgentId", sortKey: "freshdeskAgentId" },
  { name: "ByFreshchatAgentId", sortKey: "freshchatAgentId" },
  { name: "ByFreshcallerAgentId", sortKey: "freshcallerAgentId" },
];

interface TableOptions {
  /** The maximum number of items that a query returns at once. */
  readonly pageSize?: number;
}

/**
 * A table that evaluates the expressions of updates and of queries, keeps the images of its stream, and counts
 * the items that are read. Its indexes show every write immediately.
 */
export function aTable({ pageSize = Number.POSITIVE_INFINITY }: TableOptions = {}) {
  const items = new Map<string, Item>();
  const read = { items: 0 };
  const images: { readonly before: Item | undefined; readonly after: Item }[] = [];

  function update(input: UpdateItemCommandInput) {
    const { Key: key = {} } = input;
    checkSubstitutes([input.ConditionExpression, input.UpdateExpression], input);
    const id = JSON.stringify(key);
    const before = items.get(id);
    if (!holds(input.ConditionExpression, before, input)) {
      throw new ConditionalCheckFailedException({
        message: "no",
        $metadata: {},
        ...(input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && before && { Item: before }),
      });
    }
    const { UpdateExpression: expression } = input;
    const item = { ...before, ...key };
    const after = expression === undefined ? item : applyUpdate(expression, item, input);
    items.set(id, after);
    images.push({ before, after });
    const isReturned = ["UPDATED_NEW", "ALL_NEW"].includes(input.ReturnValues ?? "NONE");
    return isReturned ? { Attributes: after } : {};
  }

  function remove({ Key: key = {} }: DeleteItemCommandInput) {
    items.delete(JSON.stringify(key));
    return {};
  }

  /** Returns one item, or none. */
  function get({ Key: key = {} }: Pick<GetItemCommandInput, "Key">) {
    const item = items.get(JSON.stringify(key));
    read.items += item === undefined ? 0 : 1;
    return item === undefined ? {} : { Item: item };
  }

  function batchGet({ RequestItems: requests = {} }: BatchGetItemCommandInput) {
    const found = Object.entries(requests).map(([table, { Keys: keys = [] }]) => {
      const all = keys.map((key) => get({ Key: key }).Item).filter((item) => item !== undefined);
      return [table, all] as const;
    });
    return { Responses: Object.fromEntries(found) };
  }

  /** Returns a page of the items in their order, after a key. */
  function queryItems(input: QueryCommandInput) {
    const direction = input.ScanIndexForward === false ? -1 : 1;
    const start = input.ExclusiveStartKey && JSON.stringify(input.ExclusiveStartKey);
    const found = [...items]
      .filter(([, item]) => holds(input.KeyConditionExpression, item, input))
      .toSorted(([one], [other]) => (one < other ? -direction : direction))
      .filter(([id]) => start === undefined || (direction > 0 ? id > start : id < start));
    const page = found.slice(0, Math.min(input.Limit ?? pageSize, pageSize));
    const last = page.length < found.length ? page.at(-1)?.[0] : undefined;
    read.items += page.length;
    return {
      Items: page
        .map(([, item]) => item)
        .filter((item) => holds(input.FilterExpression, item, input)),
      ...(last !== undefined && { LastEvaluatedKey: JSON.parse(last) as Item }),
    };
  }

  function query(input: QueryCommandInput) {
    const { KeyConditionExpression, FilterExpression, ProjectionExpression } = input;
    checkSubstitutes([KeyConditionExpression, FilterExpression, ProjectionExpression], input);
    if (input.IndexName === undefined) {
      return queryItems(input);
    }
    const index = indexes.find(({ name }) => name === input.IndexName);
    if (index === undefined) {
      throw new Error(`the fake table has no index ${input.IndexName}`);
    }
    const found = [...items.values()].filter(
      (item) =>
        item[index.sortKey]?.S !== undefined && holds(input.KeyConditionExpression, item, input),
    );
    read.items += found.length;
    const names = ["accountId", "availabilityId", index.sortKey];
    return {
      Items: found.map((item) =>
        Object.fromEntries(names.map((name) => [name, item[name] ?? { S: "" }])),
      ),
    };
  }

  return { items, images, read, update, query, get, batchGet, remove };
}
