import { catalogue, type DetailType } from "../functions/availability/catalogue.ts";
import { SOURCE } from "../functions/availability/events.ts";
import { detailSchema, type JsonSchema, nameOf, schemaVersionOf } from "./json-schemas.ts";

const text = { type: "string" };

/** What EventBridge puts round a `detail`, in the form in which its own registry describes events. */
const envelope = {
  version: text,
  id: text,
  "detail-type": text,
  source: text,
  account: text,
  time: { type: "string", format: "date-time" },
  region: text,
  resources: { type: "array", items: text },
};

/** A type as EventBridge's schema registry takes it: OpenAPI 3.0, the whole event with its envelope. */
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
          type: "object",
          required: [...Object.keys(envelope), "detail"],
          "x-amazon-events-detail-type": detailType,
          "x-amazon-events-source": SOURCE,
          properties: { ...envelope, detail: { $ref: `#/components/schemas/${name}` } },
        },
        [name]: detailSchema(detailType, "openapi-3.0"),
      },
    },
  };
}
