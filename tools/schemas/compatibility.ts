import * as z from "zod";

import type { JsonSchema } from "./json-schemas.ts";

/** One way in which a schema is no longer what was published. */
export interface Incompatibility {
  /** Where in the detail, such as `previous.durationMs`; `channels.*` is every value of a map. */
  readonly path: string;
  readonly message: string;
}

/** What a schema says for people; it may change at any time. */
const annotations = ["$id", "$schema", "title", "description", "examples", "default", "$comment"];

/** What is compared by itself. Every other keyword has to stay as it is. */
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

/** The same text for the same JSON, whatever the order of its keys. */
function written(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(written).join()}]`;
  }
  if (!isSchema(value)) {
    return value === undefined ? "nothing" : JSON.stringify(value);
  }
  const pairs = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${written(value[key])}`);
  return `{${pairs.join()}}`;
}

const under = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);

function fieldIssues(old: JsonSchema, now: JsonSchema, path: string): Incompatibility[] {
  const [was, is] = [schemaAt(old, "properties"), schemaAt(now, "properties")];
  return Object.keys(was).flatMap((name) =>
    name in is
      ? incompatibilities(schemaAt(was, name), schemaAt(is, name), under(path, name))
      : [{ path: under(path, name), message: "was removed" }],
  );
}

function requirementIssues(old: JsonSchema, now: JsonSchema, path: string): Incompatibility[] {
  const [was, is] = [listAt(old, "required"), listAt(now, "required")];
  const missing = (names: unknown[], among: unknown[], message: string) =>
    names
      .filter((name) => !among.includes(name))
      .map((name) => ({ path: under(path, String(name)), message }));
  return [
    ...missing(was, is, "need no longer be there, and consumers rely on it"),
    ...missing(is, was, "must be there now, and archived events lack it"),
  ].filter((issue) => !isRemoved(old, now, issue.path.slice(path === "" ? 0 : path.length + 1)));
}

/** A field that is gone altogether is told once. */
function isRemoved(old: JsonSchema, now: JsonSchema, name: string): boolean {
  return name in schemaAt(old, "properties") && !(name in schemaAt(now, "properties"));
}

function enumIssues(old: JsonSchema, now: JsonSchema, path: string): Incompatibility[] {
  if ("enum" in old !== "enum" in now) {
    const message =
      "enum" in old
        ? "can be anything now, which consumers do not expect"
        : "can only be one of a list now, and archived events may not be";
    return [{ path, message }];
  }
  const [was, is] = [listAt(old, "enum"), listAt(now, "enum")];
  const [gone, come] = [
    was.filter((value) => !is.includes(value)),
    is.filter((value) => !was.includes(value)),
  ];
  return [
    ...gone.map((value) => ({ path, message: `can no longer be ${written(value)}` })),
    ...come.map((value) => ({
      path,
      message: `can be ${written(value)} now, which consumers do not expect`,
    })),
  ];
}

function keywordIssues(old: JsonSchema, now: JsonSchema, path: string): Incompatibility[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((keyword) => !annotationsAndStructure.has(keyword))
    .filter((keyword) => written(old[keyword]) !== written(now[keyword]))
    .map((keyword) => ({
      path,
      message: `${keyword} was ${written(old[keyword])} and is ${written(now[keyword])}`,
    }));
}

/** Schemas of what lies in a list or a map; `false` or none of them is a keyword like any other. */
function innerIssues(old: JsonSchema, now: JsonSchema, path: string): Incompatibility[] {
  return ["items", "additionalProperties"].flatMap((keyword) => {
    const [was, is] = [old[keyword], now[keyword]];
    if (isSchema(was) && isSchema(is)) {
      return incompatibilities(was, is, under(path, "*"));
    }
    return written(was) === written(is)
      ? []
      : [{ path, message: `${keyword} was ${written(was)} and is ${written(is)}` }];
  });
}

/**
 * In what a schema breaks those who rely on the one that was published: consumers that read what is
 * published now by the old schema, and the new one when it reads what was archived under the old.
 *
 * Only words for people, and new fields that need not be there, are no break. Everything else is a new
 * version of the schema beside the old one.
 */
export function incompatibilities(old: JsonSchema, now: JsonSchema, path = ""): Incompatibility[] {
  if (written(old["type"]) !== written(now["type"])) {
    return [{ path, message: `was ${written(old["type"])} and is ${written(now["type"])}` }];
  }
  return [
    ...fieldIssues(old, now, path),
    ...requirementIssues(old, now, path),
    ...enumIssues(old, now, path),
    ...keywordIssues(old, now, path),
    ...innerIssues(old, now, path),
  ];
}
