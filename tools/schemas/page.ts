import { readFileSync } from "node:fs";

import * as prettier from "prettier";

import { catalogue, type DetailType, detailTypes } from "../../functions/availability/catalogue.ts";
import { examplesOf, type Variant, variantsOf } from "./examples.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { detailSchema, nameOf, schemaVersionOf } from "./json-schemas.ts";

/** The text between `<!-- begin: NAME -->` and `<!-- end: NAME -->` is generated. */
const PAGE = new URL("../../docs/use/events.md", import.meta.url);
const GENERATED = /(<!-- begin: (\w+) -->)[\s\S]*?(<!-- end: \2 -->)/g;

/** The fields of every type, which the page lists once. */
const common = /^(?:metadata|accountId|agent|actor)\b/;

/** The example that the page shows. */
const shown: Readonly<Record<DetailType, string>> = {
  "Agent Availability Changed": "break",
  "Agent Status Changed": "break",
  "Agent Channel Availability Changed": "break: freshdesk",
  "Agent Login Changed": "login",
  "Agent Removed": "deleted from the table",
};

function table(fields: readonly Field[]): string {
  const rows = fields.map(
    ({ path, type, isRequired, meaning }) =>
      `| \`${path}\` | ${type} | ${isRequired ? "always" : "if known"} | ${meaning} |`,
  );
  return ["| field | type | present | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function json(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}

function exampleOf(detailType: DetailType) {
  const found = examplesOf(detailType).find(({ name }) => name === shown[detailType]);
  if (found === undefined) {
    throw new Error(
      `stories must contain an example of ${detailType} named "${shown[detailType]}" (got none)`,
    );
  }
  return found;
}

function lineOf({ story, examples }: Variant): string {
  const channels = examples.flatMap(({ event: { detail } }) =>
    typeof detail["channel"] === "string" ? [detail["channel"]] : [],
  );
  const each = channels.length > 0 ? ` (${channels.join(", ")})` : "";
  return `- **${story.name}**${each}: ${story.summary}.`;
}

function sectionOf(detailType: DetailType): string {
  const { summary, event } = exampleOf(detailType);
  const fields = fieldsOf(detailSchema(detailType)).filter(({ path }) => !common.test(path));
  const own = Object.entries(event.detail).filter(([name]) => !common.test(name));
  const file = `${nameOf(detailType)}.v${schemaVersionOf(detailType)}.json`;
  return [
    `## ${detailType}`,
    `${catalogue[detailType].description ?? ""}. [JSON Schema](../../schemas/json-schema/${file}), version ${schemaVersionOf(detailType)}.`,
    table(fields),
    `Example: ${summary} (without the fields of every event).`,
    json(Object.fromEntries(own)),
    `[Examples](../../schemas/examples/${file}) of every variant, produced by the hub's own code:`,
    variantsOf(detailType).map(lineOf).join("\n"),
  ].join("\n\n");
}

/** The generated parts of the page, by name. */
function generatedParts(): ReadonlyMap<string, string> {
  const [first] = detailTypes.map((type) => fieldsOf(detailSchema(type)));
  return new Map([
    ["example", json(exampleOf("Agent Status Changed").event)],
    ["common", table((first ?? []).filter(({ path }) => common.test(path)))],
    ["details", detailTypes.map(sectionOf).join("\n\n")],
  ]);
}

/** Returns the text of `docs/use/events.md` with its generated parts renewed. */
export async function eventsPage(): Promise<string> {
  const page = readFileSync(PAGE, "utf8");
  const missing = detailTypes.filter((detailType) => !page.includes(`| \`${detailType}\``));
  if (missing.length > 0) {
    throw new Error(`docs/use/events.md must have a table row for ${missing.join(", ")}`);
  }
  const parts = generatedParts();
  const names = [...page.matchAll(GENERATED)].map(([, , name]) => name);
  if (names.join() !== [...parts.keys()].join()) {
    throw new Error(
      `the generated parts of docs/use/events.md must be ${[...parts.keys()].join(", ")} (got ${names.join(", ")})`,
    );
  }
  const renewed = page.replaceAll(
    GENERATED,
    (_whole, begin: string, name: string, end: string) =>
      `${begin}\n\n${parts.get(name) ?? ""}\n\n${end}`,
  );
  return await prettier.format(renewed, { parser: "markdown", printWidth: 100 });
}
