import * as z from "zod";

import { catalogue, type DetailType } from "../../functions/availability/catalogue.ts";
import { SOURCE } from "../../functions/availability/typed-event.ts";

/** A JSON Schema, or a part of one. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Returns whether a keyword's value is a schema. */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Target = "draft-2020-12" | "openapi-3.0";

/** Returns the name of a detail type: without spaces, as in `metadata.id`. */
export function nameOf(detailType: DetailType): string {
  return detailType.replaceAll(" ", "");
}

/** Shorter than zod's own pattern, which spells out leap years and the lengths of months. */
const TIME = String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$`;

/** Simplifies a schema that zod generated. */
function simplify(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.format === "date-time") {
    schema.pattern = TIME;
  }
  if (schema.type === "integer") {
    simplifyInteger(schema);
  }
  if (schema.type === "number" && (schema.const ?? schema.enum) !== undefined) {
    schema.type = "integer";
  }
  delete schema.propertyNames;
}

function simplifyInteger(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) {
    delete schema.minimum;
  }
  if (schema.maximum === Number.MAX_SAFE_INTEGER) {
    delete schema.maximum;
    // Without a format, generated Java, C#, Go and Rust clients use 32 bits, which `epoch` overflows.
    schema.format = "int64";
  }
  if (schema.exclusiveMinimum === 0 || schema.exclusiveMinimum === true) {
    delete schema.exclusiveMinimum;
    schema.minimum = 1;
  }
}

/** Returns the schema of a type's `detail`, for readers: unknown fields are allowed everywhere. */
export function detailSchema(detailType: DetailType, target: Target = "draft-2020-12"): JsonSchema {
  return z.toJSONSchema(catalogue[detailType], {
    target,
    io: "input",
    override: (context) => simplify(context.jsonSchema),
  });
}

const text = { type: "string" };

/** Returns the schema of a whole event as EventBridge delivers it: the envelope around a detail. */
export function envelopeOf(detailType: DetailType, detail: JsonSchema): JsonSchema {
  const properties = {
    version: text,
    id: text,
    "detail-type": { type: "string", enum: [detailType] },
    source: { type: "string", enum: [SOURCE] },
    account: text,
    time: { type: "string", format: "date-time" },
    region: text,
    resources: { type: "array", items: text },
    detail,
  };
  return { type: "object", required: Object.keys(properties), properties };
}

/** Returns the version of a type's schema: `metadata.schemaVersion` of its events. */
export function schemaVersionOf(detailType: DetailType): number {
  return catalogue[detailType].shape.metadata.shape.schemaVersion.value;
}

/** Returns the JSON Schema (2020-12) of a type's `detail`, with a name of its own. */
export function jsonSchema(detailType: DetailType): JsonSchema {
  const { $schema, ...schema } = detailSchema(detailType);
  const version = schemaVersionOf(detailType);
  return {
    $schema,
    $id: `urn:agent-availability-hub:${nameOf(detailType)}:${version}`,
    title: nameOf(detailType),
    ...schema,
  };
}

/** Returns a type as EventBridge's schema registry stores it: OpenAPI 3.0, the whole event with its envelope. */
export function registrySchema(detailType: DetailType): JsonSchema {
  const name = nameOf(detailType);
  return {
    openapi: "3.0.0",
    info: {
      title: name,
      version: `${schemaVersionOf(detailType)}.0.0`,
      description: catalogue[detailType].description,
    },
    paths: {},
    components: {
      schemas: {
        AWSEvent: {
          ...envelopeOf(detailType, { $ref: `#/components/schemas/${name}` }),
          "x-amazon-events-detail-type": detailType,
          "x-amazon-events-source": SOURCE,
        },
        [name]: detailSchema(detailType, "openapi-3.0"),
      },
    },
  };
}
