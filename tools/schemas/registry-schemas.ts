import { catalogue, type DetailType } from "../../functions/availability/catalogue.ts";
import { SOURCE } from "../../functions/availability/typed-event.ts";
import {
  detailSchema,
  envelopeOf,
  type JsonSchema,
  nameOf,
  schemaVersionOf,
} from "./json-schemas.ts";

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
