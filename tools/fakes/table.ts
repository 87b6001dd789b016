import type {
  AttributeValue,
  DeleteItemCommandInput,
  GetItemCommandInput,
  QueryCommandInput,
  UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";

import { checkSubstitutes, holds, updated } from "./expression.ts";

type Item = Record<string, AttributeValue>;

const indexes = [
  { name: "ByEmail", sortKey: "email" },
  { name: "ByUserId", sortKey: "userId" },
];

/**
 * A table that evaluates the expressions of updates and of queries, and keeps the images of its
 * stream. Its indexes show every write immediately.
 */
export function aTable() {
  const items = new Map<string, Item>();
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
    const after = updated(input.UpdateExpression ?? "", { ...before, ...key }, input);
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
  function get({ Key: key = {} }: GetItemCommandInput) {
    const item = items.get(JSON.stringify(key));
    return item === undefined ? {} : { Item: item };
  }

  function query(input: QueryCommandInput) {
    const { KeyConditionExpression, FilterExpression, ProjectionExpression } = input;
    checkSubstitutes([KeyConditionExpression, FilterExpression, ProjectionExpression], input);
    if (input.IndexName === undefined) {
      const own = [...items]
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([, item]) => item);
      const isFound = (item: Item) =>
        holds(input.KeyConditionExpression, item, input) &&
        holds(input.FilterExpression, item, input);
      return { Items: own.filter(isFound) };
    }
    const index = indexes.find(({ name }) => name === input.IndexName);
    if (index === undefined) {
      throw new Error(`the fake table has no index ${input.IndexName}`);
    }
    const found = [...items.values()].filter(
      (item) =>
        item[index.sortKey]?.S !== undefined && holds(input.KeyConditionExpression, item, input),
    );
    const projected = found.map((item) =>
      Object.fromEntries(
        ["accountId", "availabilityId", index.sortKey].map((name) => [
          name,
          item[name] ?? { S: "" },
        ]),
      ),
    );
    return { Items: projected };
  }

  return { items, images, update, query, get, remove };
}
