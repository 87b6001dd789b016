import * as prettier from "prettier";

import { detailTypes } from "../functions/availability/catalogue.ts";
import { jsonSchema, nameOf, schemaVersionOf } from "./json-schemas.ts";
import { registrySchema } from "./registry-schemas.ts";

/** What is made from the catalogue, by its path in the project. */
export type GeneratedFiles = ReadonlyMap<string, string>;

async function formatted(value: unknown): Promise<string> {
  return await prettier.format(JSON.stringify(value), { parser: "json", printWidth: 100 });
}

/** Everything that is made from the catalogue. */
export async function generatedFiles(): Promise<GeneratedFiles> {
  const files = new Map<string, string>();
  for (const detailType of detailTypes) {
    const file = `${nameOf(detailType)}.v${schemaVersionOf(detailType)}.json`;
    files.set(`catalogue/json-schema/${file}`, await formatted(jsonSchema(detailType)));
    files.set(`catalogue/openapi/${file}`, await formatted(registrySchema(detailType)));
  }
  return files;
}
