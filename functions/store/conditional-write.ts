import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import type { ItemHeader } from "../availability/state.ts";
import { partitionKey } from "./attributes.ts";
import { type ItemKey, keyOf } from "./item-key.ts";

/** A write that is conditional on the epoch and version that were read. */
export type ConditionalWrite = Omit<UpdateItemCommandInput, "TableName">;

export interface WriteParts {
  /** Epoch and version that were read; `undefined` if nothing was stored. */
  readonly known: Pick<ItemHeader, "epoch" | "version"> | undefined;
  /** Values by attribute; `undefined` removes the attribute. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Further conditions. They may contain only names and values of `values`. */
  readonly conditions?: readonly string[];
}

/**
 * Returns the condition that an item has not changed since it was read: every change increases epoch or version.
 * `#epoch` and `#version` must be defined if the item exists.
 */
export function unchangedCondition(known: WriteParts["known"]) {
  return known === undefined
    ? { condition: `attribute_not_exists(${partitionKey})`, values: {} }
    : {
        condition: "#epoch = :knownEpoch AND #version = :knownVersion",
        values: { ":knownEpoch": known.epoch, ":knownVersion": known.version },
      };
}

/** Returns a write that is made only if the item has not changed since it was read. */
export function conditionalWrite(key: ItemKey, parts: WriteParts): ConditionalWrite {
  const { known, values, conditions = [] } = parts;
  const entries = Object.entries(values);
  const set = entries.filter(([, value]) => value !== undefined);
  const removed = entries.filter(([, value]) => value === undefined);
  const names = [...Object.keys(values), ...(known ? ["epoch", "version"] : [])];
  const precondition = unchangedCondition(known);
  return {
    Key: keyOf(key),
    UpdateExpression: [
      `SET ${set.map(([name]) => `#${name} = :${name}`).join(", ")}`,
      ...(removed.length > 0 ? [`REMOVE ${removed.map(([name]) => `#${name}`).join(", ")}`] : []),
    ].join(" "),
    ConditionExpression: [precondition.condition, ...conditions].join(" AND "),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall(
      {
        ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
        ...precondition.values,
      },
      { removeUndefinedValues: true },
    ),
  };
}
