import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import type { AvailabilityChange, ChangeOrder } from "../availability/change.ts";
import { orderTypes, partitionKey, replacedAttributes, sortKey } from "./attributes.ts";
import { type Delivery, firstSeenSince, replacedBy } from "./item.ts";

/** The one conditional write of a change, and the change's place in the order of its agent. */
export interface Write {
  readonly input: Omit<UpdateItemCommandInput, "TableName">;
  readonly order: ChangeOrder;
}

/**
 * A change is applied only if it is greater than what is stored, which is `compareChanges` in DynamoDB's terms.
 * DynamoDB compares strings by their UTF-8 bytes, which for these two is the order of their characters.
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

function knownOf(attributes: Readonly<Record<string, unknown>>): Map<string, unknown> {
  return new Map(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/** As a `Map`: `marshall` takes an object for an instance of a class if a channel is named `constructor`. */
function channelsOf({ content }: AvailabilityChange) {
  return { ":channels": new Map(Object.entries(content.channels)) };
}

/**
 * The write of a change: it replaces the whole state, counts it, and sets what no older state has said.
 *
 * Nothing is read before it: order, repeats and state are settled by the same write.
 */
export function writeOf(change: AvailabilityChange, delivery: Delivery): Write {
  const state = replacedBy(change, delivery);
  const replaced = knownOf(state);
  const kept = knownOf({ ...firstSeenSince(change), epoch: Date.parse(delivery.receivedAt) });
  const removed = replacedAttributes.filter((name) => !replaced.has(name) && !kept.has(name));
  const sets = [
    ...[...replaced.keys()].map((name) => `#${name} = :${name}`),
    ...[...kept.keys()].map((name) => `#${name} = if_not_exists(#${name}, :${name})`),
    "#version = if_not_exists(#version, :none) + :one",
  ];
  const names = ["version", ...replaced.keys(), ...kept.keys(), ...removed];
  const values = [...replaced, ...kept].map(([name, value]) => [`:${name}`, value] as const);
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
  return { input, order: state };
}
