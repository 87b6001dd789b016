import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

import type { AvailabilityChange, ChangeOrder, SessionChange } from "../availability/change.ts";
import { kindOf } from "../availability/item-kind.ts";
import type { Removal } from "../availability/removal.ts";
import { startOfSecond } from "../availability/time.ts";
import {
  expiresAt,
  orderTypes,
  reconciledAt,
  removableAttributes,
  removedAt,
  removedBecause,
  replacedAttributes,
  userId,
} from "./attributes.ts";
import { orderHash } from "./content-hash.ts";
import { keyOf } from "./item-key.ts";
import { attributesOf, type Delivery, initialAttributesOf } from "./item.ts";
import type { Attributes } from "./read-item.ts";

/** The effect of an event on one item: a change of its state, or its removal. */
export type ItemEvent = AvailabilityChange | SessionChange | Removal;

/** The conditional write of an event to one item, and the place of the event in the order of the item. */
export interface Write {
  readonly input: Omit<UpdateItemCommandInput, "TableName">;
  readonly order: ChangeOrder;
}

/**
 * A change is applied only if it is greater than the stored one: the order of `compareChanges`, in DynamoDB's
 * terms. DynamoDB compares strings by their UTF-8 bytes, which is the order of their characters here.
 *
 * An item that is not ordered (`isOrdered`) is replaced as if nothing were stored. Otherwise it would block
 * every event of its agent.
 */
const unorderedCondition = [
  ...Object.entries(orderTypes).map(([name, type]) => `NOT attribute_type(#${name}, :${type})`),
  "attribute_not_exists(#epoch)",
  "attribute_not_exists(#version)",
].join(" OR ");

const laterCondition = [
  "#updatedAt < :updatedAt",
  "(#updatedAt = :updatedAt AND #eventTimestamp < :eventTimestamp)",
  "(#updatedAt = :updatedAt AND #eventTimestamp = :eventTimestamp AND #contentHash < :contentHash)",
].join(" OR ");

const newerCondition = `${unorderedCondition} OR ${laterCondition}`;

/** No snapshot that is as new as the event, to the second, has been merged into the item. */
const afterSnapshotCondition = `(attribute_not_exists(#${reconciledAt}) OR #${reconciledAt} < :updatedSecond)`;

/** The item has no user ID, or has the event's address. */
const sameAddressCondition = `(attribute_not_exists(#${userId}) OR #email = :email)`;

const operands = { ":zero": 0, ":one": 1, ":S": "S", ":N": "N" };

type Values = ReadonlyMap<string, unknown>;

function definedValues(attributes: Readonly<Record<string, unknown>>): Values {
  return new Map(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

interface Parts {
  readonly set: Values;
  /** Set only if they are not stored. */
  readonly setOnce: Values;
  readonly removed: readonly string[];
  readonly condition: string;
  /** Attributes and values that only the condition names. */
  readonly conditionNames?: readonly string[];
  readonly conditionValues?: Readonly<Record<string, unknown>>;
}

interface AttributeNames {
  readonly set: readonly string[];
  readonly setOnce: readonly string[];
  readonly removed: readonly string[];
  readonly inCondition: readonly string[];
}

function buildExpressions({ set, setOnce, removed, inCondition }: AttributeNames) {
  const sets = [
    ...set.map((name) => `#${name} = :${name}`),
    ...setOnce.map((name) => `#${name} = if_not_exists(#${name}, :${name})`),
    "#version = if_not_exists(#version, :zero) + :one",
  ];
  const withValue = [...set, ...setOnce];
  const names = new Set(["version", ...withValue, ...removed, ...inCondition]);
  return {
    update: `SET ${sets.join(", ")} REMOVE ${removed.map((name) => `#${name}`).join(", ")}`,
    names: Object.fromEntries([...names].map((name) => [`#${name}`, name])),
    placeholders: withValue.map((name) => `:${name}`),
  };
}

type Expressions = ReturnType<typeof buildExpressions>;

const MAX_CACHED = 1000;
const cache = new Map<string, Expressions>();

/** Returns the expressions of a write. They are cached, because building them takes a fifth of a request's time. */
function expressionsOf(names: AttributeNames): Expressions {
  const key = JSON.stringify(names);
  const expressions = cache.get(key) ?? buildExpressions(names);
  if (cache.size >= MAX_CACHED) {
    cache.clear();
  }
  cache.set(key, expressions);
  return expressions;
}

function inputOf(event: ItemEvent, parts: Parts): Write["input"] {
  const { set, setOnce, removed, condition, conditionNames = [], conditionValues } = parts;
  const { update, names, placeholders } = expressionsOf({
    set: [...set.keys()],
    setOnce: [...setOnce.keys()],
    removed,
    inCondition: conditionNames,
  });
  const values = [...set.values(), ...setOnce.values()];
  return {
    Key: keyOf(event),
    UpdateExpression: update,
    ConditionExpression: condition,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: marshall(
      {
        ...Object.fromEntries(placeholders.map((name, index) => [name, values[index]])),
        ...conditionValues,
        ...operands,
      },
      { removeUndefinedValues: true },
    ),
    ReturnValues: "UPDATED_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}

/** Agent updates do not contain the status of a `user:` item, which only reconcile writes. */
function isReplacedBy({ availabilityId }: ItemEvent, name: string): boolean {
  return name !== "status" || kindOf(availabilityId) !== "user";
}

/**
 * Returns the condition for replacing an item. If only the additional conditions for an availability item fail, the
 * event is merged into the item instead (`eventMergeWrite`).
 */
function mergeConditions(change: AvailabilityChange | SessionChange) {
  if (kindOf(change.availabilityId) !== "availability") {
    return { condition: newerCondition };
  }
  const isAddressReported = change.content.email !== undefined;
  const others = [
    afterSnapshotCondition,
    ...(isAddressReported ? [sameAddressCondition] : []),
  ].join(" AND ");
  return {
    condition: `${unorderedCondition} OR ((${laterCondition}) AND ${others})`,
    conditionNames: [reconciledAt, ...(isAddressReported ? [userId] : [])],
    conditionValues: { ":updatedSecond": startOfSecond(change.updatedAt) },
  };
}

function changeWrite(change: AvailabilityChange | SessionChange, delivery: Delivery): Write {
  const attributes = attributesOf(change, delivery);
  const set = definedValues(attributes);
  const setOnce = definedValues(initialAttributesOf(change, delivery));
  const removed = replacedAttributes.filter(
    (name) => !set.has(name) && !setOnce.has(name) && isReplacedBy(change, name),
  );
  const input = inputOf(change, { set, setOnce, removed, ...mergeConditions(change) });
  return { input, order: attributes };
}

/**
 * Returns the condition that an availability item is the person's. The indexes by which it was found may lag behind
 * the table: by now, the item may contain another user ID or another address.
 */
function ownershipCondition({ availabilityId, userId: person, email }: Removal) {
  if (kindOf(availabilityId) !== "availability") {
    return { condition: newerCondition };
  }
  const isKnown = `#${userId} = :${userId}`;
  const hasAddress = `(attribute_not_exists(#${userId}) AND #email = :email)`;
  const belongsToPerson = email === undefined ? isKnown : `(${isKnown} OR ${hasAddress})`;
  return {
    condition: `(${newerCondition}) AND ${belongsToPerson}`,
    conditionValues: { [`:${userId}`]: person, ":email": email },
  };
}

/** Returns whether a stored item is the person's: the condition of `ownershipCondition`. */
export function isOwnItem({ availabilityId, userId: person, email }: Removal, item: Attributes) {
  const owner = item[userId]?.S;
  const hasAddress = owner === undefined && email !== undefined && item["email"]?.S === email;
  return kindOf(availabilityId) !== "availability" || owner === person || hasAddress;
}

/**
 * A tombstone keeps only its key, epoch, version and order, and the reason of an earlier tombstone, so that a
 * forgotten agent stays forgotten when Freshdesk deletes the agent later.
 */
function removalWrite(removal: Removal, { receivedAt }: Delivery): Write {
  const { updatedAt, eventTimestamp, contentHash } = removal;
  const set = { updatedAt, eventTimestamp, contentHash, [removedAt]: removal.removedAt };
  const epoch = Date.parse(receivedAt);
  const input = inputOf(removal, {
    set: definedValues({ ...set, [expiresAt]: removal.expiresAt }),
    setOnce: definedValues({ epoch, [removedBecause]: removal.removedBecause }),
    removed: removableAttributes,
    ...ownershipCondition(removal),
  });
  return { input, order: removal };
}

export function isRemoval(event: ItemEvent): event is Removal {
  return removedBecause in event;
}

export function orderOf(event: ItemEvent): ChangeOrder {
  const { updatedAt, eventTimestamp } = event;
  const contentHash = isRemoval(event) ? event.contentHash : orderHash(event);
  return { updatedAt, eventTimestamp, contentHash };
}

/**
 * Returns the write of an event to one item. It replaces the state, increases the version, and needs no read:
 * the same write decides about order, duplicates and state.
 */
export function writeOf(event: ItemEvent, delivery: Delivery): Write {
  return isRemoval(event) ? removalWrite(event, delivery) : changeWrite(event, delivery);
}
