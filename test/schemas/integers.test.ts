import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";

const folder = (name: string) => new URL(`../../schemas/${name}/`, import.meta.url);
const jsonIn = (name: string, file: string): unknown =>
  JSON.parse(readFileSync(new URL(file, folder(name)), "utf8"));

const MAX_INT32 = 2 ** 31 - 1;

type Schema = Readonly<Record<string, unknown>>;

/**
 * Returns the schema as generators of Java, C#, Go and Rust read it: an integer without `format: int64`
 * has 32 bits.
 */
function asTyped(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(asTyped);
  }
  if (typeof schema !== "object" || schema === null) {
    return schema;
  }
  const typed = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, asTyped(value)]),
  );
  return typed["type"] === "integer" && typed["format"] === undefined
    ? { ...typed, maximum: MAX_INT32 }
    : typed;
}

const ajv = new Ajv2020({
  formats: { "date-time": true, int64: { type: "number", validate: Number.isSafeInteger } },
});

describe.each(readdirSync(folder("json-schema")))("a client generated from %s", (file) => {
  it("can hold every integer of every example", () => {
    const { $id: _id, ...schema } = jsonIn("json-schema", file) as Schema;
    const validate = ajv.compile(asTyped(schema) as object);
    const examples = (jsonIn("examples", file) as { event: { detail: unknown } }[]).map(
      ({ event }) => event.detail,
    );

    expect(examples.length).toBeGreaterThan(1);
    for (const detail of examples) {
      expect(validate(detail) ? [] : validate.errors).toEqual([]);
    }
  });
});

it("the registry schemas and the AsyncAPI document declare the same number of 64-bit integers", () => {
  const count = (text: string) => text.split('"int64"').length - 1;
  const inJsonSchemas = readdirSync(folder("json-schema")).map((file) => [
    file,
    count(JSON.stringify(jsonIn("json-schema", file))),
  ]);
  const inRegistry = readdirSync(folder("openapi")).map((file) => [
    file,
    count(JSON.stringify(jsonIn("openapi", file))),
  ]);
  const total = inJsonSchemas.reduce((sum, [, each]) => sum + Number(each), 0);

  expect(total).toBeGreaterThan(8);
  expect(inRegistry).toEqual(inJsonSchemas);
  expect(count(JSON.stringify(jsonIn(".", "asyncapi.json")))).toBe(total);
});
