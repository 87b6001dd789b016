import * as prettier from "prettier";

import { type DetailType, detailTypes } from "../../functions/availability/catalogue.ts";
import { asyncApi } from "./asyncapi.ts";
import { examplesOf } from "./examples.ts";
import { jsonSchema, nameOf, registrySchema, schemaVersionOf } from "./json-schemas.ts";
import { eventsPage } from "./page.ts";

/** Texts by their path in the project. */
export type Files = ReadonlyMap<string, string>;

const JSON_SCHEMAS = "schemas/json-schema";

/** Folders that contain only generated files. */
export const folders = ["schemas/examples", JSON_SCHEMAS, "schemas/openapi"];

export const PUBLISHED_FOLDER = "schemas/published";

async function formatJson(value: unknown): Promise<string> {
  return await prettier.format(JSON.stringify(value), { parser: "json", printWidth: 100 });
}

const fileOf = (detailType: DetailType) =>
  `${nameOf(detailType)}.v${schemaVersionOf(detailType)}.json`;

export async function generatedFiles(): Promise<Files> {
  const files = new Map<string, string>();
  for (const detailType of detailTypes) {
    const file = fileOf(detailType);
    files.set(`schemas/examples/${file}`, await formatJson(examplesOf(detailType)));
    files.set(`${JSON_SCHEMAS}/${file}`, await formatJson(jsonSchema(detailType)));
    files.set(`schemas/openapi/${file}`, await formatJson(registrySchema(detailType)));
  }
  files.set("schemas/asyncapi.json", await formatJson(asyncApi()));
  files.set("docs/use/events.md", await eventsPage());
  return files;
}

/** Returns the schemas to publish, which are among the generated files. */
export function publishedFiles(generated: Files): Files {
  const schemas = [...generated].filter(([file]) => file.startsWith(`${JSON_SCHEMAS}/`));
  return new Map(
    schemas.map(([file, schema]) => [file.replace(JSON_SCHEMAS, PUBLISHED_FOLDER), schema]),
  );
}
