import { readFileSync } from "node:fs";

import * as prettier from "prettier";

import { catalogue, type DetailType, detailTypes } from "../../functions/availability/catalogue.ts";
import { examplesOf, type Variant, variantsOf } from "./examples.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { detailSchema, nameOf, schemaVersionOf } from "./json-schemas.ts";

/** The page's text. Each `{{...}}` is replaced from the catalogue and the examples. */
const TEMPLATE = new URL("./events-page.md", import.meta.url);

/** The fields of every type, which the page lists once. */
const common = /^(?:metadata|accountId|agent|actor)\b/;

/** The example that the page shows in full. */
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
  const file = `${nameOf(detailType)}.v${schemaVersionOf(detailType)}.json`;
  return [
    `## ${detailType}`,
    `${catalogue[detailType].description ?? ""}. [JSON Schema](../../schemas/json-schema/${file}), version ${schemaVersionOf(detailType)}.`,
    table(fields),
    `Example: ${summary} (\`detail\`).`,
    json(event.detail),
    `[Examples](../../schemas/examples/${file}) of every variant, produced by the hub's own code:`,
    variantsOf(detailType).map(lineOf).join("\n"),
  ].join("\n\n");
}

function filled(template: string): string {
  const missing = detailTypes.filter((detailType) => !template.includes(`| \`${detailType}\``));
  if (missing.length > 0) {
    throw new Error(`tools/schemas/events-page.md must have a table row for ${missing.join(", ")}`);
  }
  const [first] = detailTypes.map((type) => fieldsOf(detailSchema(type)));
  const parts: Readonly<Record<string, string>> = {
    example: json(exampleOf("Agent Status Changed").event),
    common: table((first ?? []).filter(({ path }) => common.test(path))),
    details: detailTypes.map(sectionOf).join("\n\n"),
  };
  return template.replaceAll(/\{\{(.*?)\}\}/g, (_whole, name: string) => {
    const part = parts[name];
    if (part === undefined) {
      throw new Error(
        `the placeholder {{${name}}} of tools/schemas/events-page.md must be one of ${Object.keys(parts).join(", ")}`,
      );
    }
    return part;
  });
}

/** Returns the text of `docs/use/events.md`. */
export async function eventsPage(): Promise<string> {
  const page = filled(readFileSync(TEMPLATE, "utf8"));
  return await prettier.format(page, { parser: "markdown", printWidth: 100 });
}
