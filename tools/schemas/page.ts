import { readFileSync } from "node:fs";

import * as prettier from "prettier";

import { type DetailType, detailTypes } from "../../functions/availability/catalogue.ts";
import { examplesOf } from "./examples.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { detailSchema, nameOf, schemaVersionOf } from "./json-schemas.ts";

/** The text between `<!-- begin: NAME -->` and `<!-- end: NAME -->` is generated. */
const PAGE = new URL("../../docs/use/events.md", import.meta.url);
const GENERATED_PART = /(<!-- begin: (\w+) -->)[\s\S]*?(<!-- end: \2 -->)/g;

/** Fields of every type, of a status and of a channel, which the page lists once. */
const COMMON_FIELDS = /^(?:metadata|accountId|agent|actor)\b|^(?:status|channels)\./;

/** The content of a field's entry, except whether the field can be absent. */
const contentOf = ({ path, type, meaning }: Field) => `${path} | ${type} | ${meaning}`;

/** Returns whether two fields have the same entry. */
const isSame = (one: Field, other: Field) =>
  contentOf(one) === contentOf(other) && one.isRequired === other.isRequired;

/** The entry of a field. A string is the most frequent type, and is not named. */
function entryOf({ path, type, isRequired, meaning }: Field): string {
  const name = `\`${path}${isRequired ? "" : "?"}\``;
  return type === "string" ? `- ${name}: ${meaning}` : `- ${name}, ${type}: ${meaning}`;
}

/** Returns whether a common field needs an entry: an object that is always present is described by its fields. */
const needsEntry = ({ type, isRequired }: Field) => type !== "object" || !isRequired;

const formatList = (fields: readonly Field[]) => fields.map(entryOf).join("\n");

function formatJson(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}

function shownEvent() {
  const found = examplesOf("Agent Status Changed").find(({ name }) => name === "break");
  if (found === undefined) {
    throw new Error('stories must contain an example of Agent Status Changed named "break"');
  }
  return found.event;
}

/** The common fields, from the type with the most of them. */
function commonFields(): Field[] {
  return fieldsOf(detailSchema("Agent Availability Changed")).filter(({ path }) =>
    COMMON_FIELDS.test(path),
  );
}

/** Returns the fields of a type that are not common, and do not repeat a field as its previous value. */
function ownFields(detailType: DetailType): Field[] {
  const fields = fieldsOf(detailSchema(detailType));
  const common = commonFields();
  const current = new Set([...fields, ...common].map(contentOf));
  return fields.filter((field) => {
    const path = field.path.replace(/^previous\./, "");
    const isRepeated = path !== field.path && current.has(contentOf({ ...field, path }));
    return !isRepeated && !common.some((listed) => isSame(listed, field));
  });
}

function sectionOf(detailType: DetailType): string {
  const file = `${nameOf(detailType)}.v${schemaVersionOf(detailType)}.json`;
  return [
    `### ${detailType}`,
    `[JSON Schema](../../schemas/json-schema/${file}) · [examples](../../schemas/examples/${file})`,
    formatList(ownFields(detailType)),
  ].join("\n\n");
}

function generatedParts(): ReadonlyMap<string, string> {
  return new Map([
    ["example", formatJson(shownEvent())],
    ["common", formatList(commonFields().filter(needsEntry))],
    ["details", detailTypes.map(sectionOf).join("\n\n")],
  ]);
}

/** Returns the text of `docs/use/events.md` with newly generated parts. */
export async function eventsPage(): Promise<string> {
  const page = readFileSync(PAGE, "utf8");
  const missing = detailTypes.filter((detailType) => !page.includes(`| \`${detailType}\``));
  if (missing.length > 0) {
    throw new Error(`docs/use/events.md must have a table row for ${missing.join(", ")}`);
  }
  const parts = generatedParts();
  const names = [...page.matchAll(GENERATED_PART)].map(([, , name]) => name);
  if (names.join() !== [...parts.keys()].join()) {
    throw new Error(
      `the generated parts of docs/use/events.md must be ${[...parts.keys()].join(", ")} (got ${names.join(", ")})`,
    );
  }
  const updated = page.replaceAll(
    GENERATED_PART,
    (_whole, begin: string, name: string, end: string) =>
      `${begin}\n\n${parts.get(name) ?? ""}\n\n${end}`,
  );
  return await prettier.format(updated, { parser: "markdown", printWidth: 100 });
}
