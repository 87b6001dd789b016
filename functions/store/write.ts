import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import type { AvailabilityChange, ChangeOrder } from "../availability/change.ts";
import { orderTypes, partitionKey, replacedAttributes, sortKey } from "./attributes.ts";
import { attributesOf, type Delivery, initialAttributesOf } from "./item.ts";

/** The conditional write of a change, and the place of the change in the order of its agent. */
export interface Write {
  readonly input: Omit<UpdateItemCommandInput, "TableName">;
  readonly order: ChangeOrder;
}

/**
 * A change is applied only if it is greater than what is stored: the order of `compareChanges`, in DynamoDB's
 * terms. DynamoDB compares strings by their UTF-8 bytes, which is the order of their characters here.
 *
 * An item that is not ordered (`isOrdered`) is replaced as if nothing were stored. Otherwise it would block
 * every event of its agent.
 */
const isNewer = [
  ...Object.entries(orderTypes).map(([name, type]) => `NOT attribute_type(#${name}, :${type})`),
  "attribute_not_exists(#epoch)",
  "attribute_not_exists(#version)",
  "#updatedAt < :updatedAt",
  "(#updatedAt = :updatedAt AND #eventTimestamp < :eventTimestamp)",
  "(#updatedAt = :updatedAt AND #eventTimestamp = :eventTimestamp AND #contentHash < :contentHash)",
].join(" OR ");

const operands = { ":none": 0, ":one": 1, ":S": "S", ":N": "N" };

function defined(attributes: Readonly<Record<string, unknown>>): Map<string, unknown> {
  return new Map(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/** A `Map`: `marshall` takes an object with a channel named `constructor` for an instance of a class. */
function channelsOf({ content }: AvailabilityChange) {
  return { ":channels": new Map(Object.entries(content.channels)) };
}

/**
 * Returns the write of a change. It replaces the state, increases the version, and needs no read: the same
 * write decides about order, duplicates and state.
 */
export function writeOf(change: AvailabilityChange, delivery: Delivery): Write {
  const attributes = attributesOf(change, delivery);
  const set = defined(attributes);
  const setOnce = defined(initialAttributesOf(change, delivery));
  const removed = replacedAttributes.filter((name) => !set.has(name) && !setOnce.has(name));
  const sets = [
    ...[...set.keys()].map((name) => `#${name} = :${name}`),
    ...[...setOnce.keys()].map((name) => `#${name} = if_not_exists(#${name}, :${name})`),
    "#version = if_not_exists(#version, :none) + :one",
  ];
  const names = ["version", ...set.keys(), ...setOnce.keys(), ...removed];
  const values = [...set, ...setOnce].map(([name, value]) => [`:${name}`, value] as const);
  const input = {
    Key: marshall({ [partitionKey]: change.accountId, [sortKey]: change.availabilityId }),
    UpdateExpression: `SET ${sets.join(", ")} REMOVE ${removed.map((name) => `#${name}`).join(", ")}`,
    ConditionExpression: isNewer,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall(
      { ...Object.fromEntries(values), ...channelsOf(change), ...operands },
      { removeUndefinedValues: true },
    ),
    ReturnValues: "UPDATED_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  } as const;
  return { input, order: attributes };
}
