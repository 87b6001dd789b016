import canonicalize from "canonicalize";

import { isSchema, type JsonSchema } from "./json-schemas.ts";

/** Keywords for human readers. They may change at any time. */
const annotations = new Set([
  "$id",
  "$schema",
  "title",
  "description",
  "examples",
  "default",
  "$comment",
]);

/** Returns the same text for the same value, whatever the order of its keys or of a list's values. */
function textOf(value: unknown): string {
  return Array.isArray(value)
    ? `[${value.map(textOf).toSorted().join()}]`
    : (canonicalize(value) ?? "absent");
}

const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);

function propertyChanges(old: JsonSchema, now: JsonSchema, path: string): string[] {
  return Object.entries(old).flatMap(([name, was]) => {
    const field = join(path, name);
    const is = now[name];
    return isSchema(was) && isSchema(is)
      ? incompatibilities(was, is, field)
      : [`${field} was removed`];
  });
}

/**
 * Returns how a schema breaks consumers of the published one: those that parse new events by the old schema,
 * and those that parse archived events by the new schema.
 *
 * Only changed descriptions and new optional fields are compatible. Everything else needs a new version of the
 * schema beside the old one.
 *
 * @param path in the detail, such as `previous.durationMs`; `channels.*` is every value of a map or list.
 */
export function incompatibilities(old: JsonSchema, now: JsonSchema, path = ""): string[] {
  const keywords = new Set([...Object.keys(old), ...Object.keys(now)]);
  return [...keywords].flatMap((keyword) => {
    if (annotations.has(keyword)) {
      return [];
    }
    const [was, is] = [old[keyword], now[keyword]];
    if (isSchema(was) && isSchema(is)) {
      return keyword === "properties"
        ? propertyChanges(was, is, path)
        : incompatibilities(was, is, join(path, "*"));
    }
    return textOf(was) === textOf(is)
      ? []
      : [`"${keyword}" of ${path || "the detail"} must remain ${textOf(was)} (got ${textOf(is)})`];
  });
}
