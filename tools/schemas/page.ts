import { readFileSync } from "node:fs";

import * as prettier from "prettier";

import { catalogue, type DetailType, detailTypes } from "../../functions/availability/catalogue.ts";
import { examplesOf, type Variant, variantsOf } from "./examples.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { detailSchema, nameOf, schemaVersionOf } from "./json-schemas.ts";

/** The page's words. `{{...}}` is filled from the catalogue and the examples. */
const TEMPLATE = new URL("./events-page.md", import.meta.url);

/** What every type has, and the page tells once. */
const common = /^(?:metadata|accountId|agent|actor)\b/;

/** Which variant stands on the page in full. */
const shown: Readonly<Record<DetailType, string>> = {
  "Agent Availability Changed": "break",
  "Agent Status Changed": "break",
  "Agent Channel Availability Changed": "break: freshdesk",
  "Agent Removed": "deleted",
};

function table(fields: readonly Field[]): string {
  const rows = fields.map(
    ({ path, type, isRequired, meaning }) =>
      `| \`${path}\` | ${type} | ${isRequired ? "always" : "if known"} | ${meaning} |`,
  );
  return ["| field | type | there | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function json(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}

function exampleOf(detailType: DetailType) {
  const found = examplesOf(detailType).find(({ name }) => name === shown[detailType]);
  if (found === undefined) {
    throw new Error(`no story tells of "${detailType}" in the variant "${shown[detailType]}"`);
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
    `${summary} (\`detail\`):`,
    json(event.detail),
    `Its variants, each [as the hub makes it](../../schemas/examples/${file}):`,
    variantsOf(detailType).map(lineOf).join("\n"),
  ].join("\n\n");
}

function filled(template: string): string {
  const forgotten = detailTypes.filter((detailType) => !template.includes(`| \`${detailType}\``));
  if (forgotten.length > 0) {
    throw new Error(
      `tools/schemas/events-page.md does not say when there is ${forgotten.join(", ")}`,
    );
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
      throw new Error(`tools/schemas/events-page.md asks for ${name}, which there is not`);
    }
    return part;
  });
}

/** `docs/use/events.md`. */
export async function eventsPage(): Promise<string> {
  const page = filled(readFileSync(TEMPLATE, "utf8"));
  return await prettier.format(page, { parser: "markdown", printWidth: 100 });
}
