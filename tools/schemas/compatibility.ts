import * as z from "zod";

import type { JsonSchema } from "./json-schemas.ts";

/** One way in which a schema breaks consumers of the published one. */
export interface Incompatibility {
  /** Path in the detail, such as `previous.durationMs`; `channels.*` is every value of a map. */
  readonly path: string;
  readonly message: string;
}

/** Keywords for people. They may change at any time. */
const annotations = ["$id", "$schema", "title", "description", "examples", "default", "$comment"];

/** Keywords that are compared in detail. Every other keyword must not change. */
const structure = ["properties", "required", "items", "additionalProperties", "enum", "type"];

const annotationsAndStructure = new Set([...annotations, ...structure]);

const unknowns = z.array(z.unknown());

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const schemaAt = (schema: JsonSchema, keyword: string): JsonSchema => {
  const value = schema[keyword];
  return isSchema(value) ? value : {};
};

function listAt(schema: JsonSchema, keyword: string): unknown[] {
  return unknowns.safeParse(schema[keyword]).data ?? [];
}

/** Returns the same text for the same JSON, whatever the order of its keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join()}]`;
  }
  if (!isSchema(value)) {
    return value === undefined ? "absent" : JSON.stringify(value);
  }
  const pairs = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${pairs.join()}}`;
}

const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);

function fieldIssues(old: JsonSchema, now: JsonSchema, path: string): Incompatibility[] {
  const [was, is] = [schemaAt(old, "properties"), schemaAt(now, "properties")];
  return Object.keys(was).flatMap((name) =>
    name in is
      ? incompatibilities(schemaAt(was, name), schemaAt(is, name), join(path, name))
      : [{ path: join(path, name), message: "was removed" }],
  );
}

function requirementIssues(old: JsonSchema, now: JsonSchema, path: string): Incompatibility[] {
  const [was, is] = [listAt(old, "required"), listAt(now, "required")];
  const missing = (names: unknown[], among: unknown[], message: string) =>
    names
      .filter((name) => !among.includes(name))
      .map((name) => ({ path: join(path, String(name)), message }));
  return [
    ...missing(was, is, "is no longer required, but consumers rely on it"),
    ...missing(is, was, "is required now, but archived events lack it"),
  ].filter((issue) => !isRemoved(old, now, issue.path.slice(path === "" ? 0 : path.length + 1)));
}

/** Whether a field was removed, which is reported once. */
function isRemoved(old: JsonSchema, now: JsonSchema, name: string): boolean {
  return name in schemaAt(old, "properties") && !(name in schemaAt(now, "properties"));
}

function enumIssues(old: JsonSchema, now: JsonSchema, path: string): Incompatibility[] {
  if ("enum" in old !== "enum" in now) {
    const message =
      "enum" in old
        ? "can have any value now, which consumers do not expect"
        : "can only have listed values now, but archived events may have others";
    return [{ path, message }];
  }
  const [was, is] = [listAt(old, "enum"), listAt(now, "enum")];
  const [removed, added] = [
    was.filter((value) => !is.includes(value)),
    is.filter((value) => !was.includes(value)),
  ];
  return [
    ...removed.map((value) => ({ path, message: `can no longer be ${canonical(value)}` })),
    ...added.map((value) => ({
      path,
      message: `can be ${canonical(value)} now, which consumers do not expect`,
    })),
  ];
}

function keywordIssues(old: JsonSchema, now: JsonSchema, path: string): Incompatibility[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((keyword) => !annotationsAndStructure.has(keyword))
    .filter((keyword) => canonical(old[keyword]) !== canonical(now[keyword]))
    .map((keyword) => ({
      path,
      message: `${keyword} was ${canonical(old[keyword])} and is ${canonical(now[keyword])}`,
    }));
}

/** Compares the schemas of the values of a list or map. If one of the two is not a schema, they must be equal. */
function innerIssues(old: JsonSchema, now: JsonSchema, path: string): Incompatibility[] {
  return ["items", "additionalProperties"].flatMap((keyword) => {
    const [was, is] = [old[keyword], now[keyword]];
    if (isSchema(was) && isSchema(is)) {
      return incompatibilities(was, is, join(path, "*"));
    }
    return canonical(was) === canonical(is)
      ? []
      : [{ path, message: `${keyword} was ${canonical(was)} and is ${canonical(is)}` }];
  });
}

/**
 * Returns how a schema breaks consumers of the published one: those that parse new events by the old schema,
 * and those that parse archived events by the new schema.
 *
 * Only changed descriptions and new optional fields are compatible. Everything else needs a new version of the
 * schema beside the old one.
 */
export function incompatibilities(old: JsonSchema, now: JsonSchema, path = ""): Incompatibility[] {
  if (canonical(old["type"]) !== canonical(now["type"])) {
    return [{ path, message: `was ${canonical(old["type"])} and is ${canonical(now["type"])}` }];
  }
  return [
    ...fieldIssues(old, now, path),
    ...requirementIssues(old, now, path),
    ...enumIssues(old, now, path),
    ...keywordIssues(old, now, path),
    ...innerIssues(old, now, path),
  ];
}
