import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** An item, or a part of one, in the format of DynamoDB and its streams. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** This version cannot parse a stored item. The message contains the path, never a value. */
export class UnreadableItemError extends Error {
  override readonly name = "UnreadableItemError";
  readonly path: string;

  constructor(path: string, allowed: string) {
    super(`${path} must be ${allowed}`);
    this.path = path;
  }
}

/** Returns a string attribute, or `undefined` if it is absent. */
export function textAt(item: Attributes, name: string, path = name): string | undefined {
  const value = item[name];
  if (value !== undefined && value.S === undefined) {
    throw new UnreadableItemError(path, "a string");
  }
  return value?.S;
}

/** Returns a number attribute, which must be present. */
export function numberAt(item: Attributes, name: string, path = name): number {
  const value = Number(item[name]?.N);
  if (!Number.isSafeInteger(value)) {
    throw new UnreadableItemError(path, "a safe integer");
  }
  return value;
}

/** Returns a boolean attribute, or `undefined` if it is absent. */
export function booleanAt(item: Attributes, name: string, path = name): boolean | undefined {
  const value = item[name];
  if (value !== undefined && value.BOOL === undefined) {
    throw new UnreadableItemError(path, "a boolean");
  }
  return value?.BOOL;
}

/** Returns a map attribute, or `undefined` if it is absent. */
export function mapAt(item: Attributes, name: string, path = name): Attributes | undefined {
  const value = item[name];
  if (value !== undefined && value.M === undefined) {
    throw new UnreadableItemError(path, "a map");
  }
  return value?.M;
}

/** Returns a value that must be present. */
export function requiredValue<Value>(value: Value | undefined, path: string): Value {
  if (value === undefined) {
    throw new UnreadableItemError(path, "present");
  }
  return value;
}
