import { Token } from "aws-cdk-lib";

import { knownChannels } from "../../functions/availability/change.ts";
import { ConsumerError } from "./consumer-error.ts";
import type { EventName } from "./filters.ts";

/**
 * Checks the value of a filter and returns what EventBridge has to match. Each one rejects what the types
 * reject, because JavaScript callers have no types, and a wrong value would match nothing without an error.
 *
 * @throws ConsumerError if the value is invalid for the selected events.
 */
export type Matcher = (filter: string, value: unknown, events: readonly EventName[]) => unknown;

/** Formats a rejected value for an error message. */
export const got = (value: unknown): string =>
  `(got ${value === undefined ? "undefined" : JSON.stringify(value)})`;

const isText = (value: unknown): value is string =>
  typeof value === "string" && value.trim() !== "";

/** Returns the only field of an object such as `{ id: "7" }`, or `undefined` for any other value. */
function onlyField(name: string, value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const [[field, content] = [], ...others] = Object.entries(value);
  return field === name && others.length === 0 && isText(content) ? content : undefined;
}

/** Returns a matcher of lists whose values are valid. */
function listOf(allowed: string, isValid: (value: unknown) => boolean) {
  return (filter: string, value: unknown): readonly unknown[] => {
    if (!Array.isArray(value) || value.length === 0) {
      throw new ConsumerError(
        `${filter} must be a list with at least one value ${got(value)}. Omit the filter to match all values.`,
      );
    }
    const values: readonly unknown[] = value;
    for (const [index, each] of values.entries()) {
      if (!isValid(each)) {
        throw new ConsumerError(`${filter}[${index}] must be ${allowed} ${got(each)}`);
      }
    }
    return values;
  };
}

/** Matches any of these strings. */
export const matchTexts = listOf("a non-empty string", isText);

/** Matches any of these Freshdesk account IDs. The value of a CDK token is known only at deployment. */
export const matchAccountIds = listOf(
  "a string of digits",
  (value) => isText(value) && (/^\d+$/.test(value) || Token.isUnresolved(value)),
);

/** Matches any of these strings, which must be among those allowed. */
export const matchOneOf = (allowed: readonly string[]): Matcher =>
  listOf(`one of ${allowed.join(", ")}`, (value) => isText(value) && allowed.includes(value));

/** Matches any of these numbers of minutes. */
export const matchMinutes = listOf(
  "a positive whole number",
  (value) => typeof value === "number" && Number.isSafeInteger(value) && value > 0,
);

/** Matches `true` or `false`. */
export const matchFlag: Matcher = (filter, value) => {
  if (typeof value !== "boolean") {
    throw new ConsumerError(`${filter} must be true or false ${got(value)}`);
  }
  return [value];
};

const channelList = listOf(
  `${knownChannels.join(", ")}, or { name: "..." } for another channel`,
  (value) =>
    knownChannels.some((known) => known === value) || onlyField("name", value) !== undefined,
);

const coveredChannelList = matchOneOf(knownChannels);

/** Matches any of these channels. Coverage exists only for the known ones. */
export const matchChannels: Matcher = (filter, value, events) =>
  events.includes("Channel Coverage Changed")
    ? coveredChannelList(filter, value, events)
    : channelList(filter, value).map((channel) => onlyField("name", channel) ?? channel);

const statusList = listOf(
  'the name of a status or { id: "..." }',
  (value) => isText(value) || onlyField("id", value) !== undefined,
);

/** Matches a status whose name or ID is listed in the filter. */
export const matchStatuses: Matcher = (filter, value) => {
  const values = statusList(filter, value);
  const name = values.filter(isText);
  const id = values.flatMap((each) => onlyField("id", each) ?? []);
  if (name.length > 0 && id.length > 0) {
    return { $or: [{ name }, { id }] };
  }
  return name.length > 0 ? { name } : { id };
};
