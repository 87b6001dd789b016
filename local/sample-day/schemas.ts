import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";

import { root } from "../paths.ts";
import type { ReceivedEvent } from "./listener.ts";

const ajv = new Ajv2020({
  formats: { "date-time": (text: string) => !Number.isNaN(Date.parse(text)) },
});

function validatorOf(detailType: string) {
  const file = `${detailType.replaceAll(" ", "")}.v1.json`;
  const schema: unknown = JSON.parse(
    readFileSync(join(root, "catalogue", "json-schema", file), "utf8"),
  );
  return ajv.compile(schema as AnySchemaObject);
}

/** What a validator that shares no code with the hub finds wrong in events, by their published schemas. */
export function schemaFaults(received: readonly ReceivedEvent[]): string[] {
  const validators = new Map<string, ReturnType<typeof validatorOf>>();
  return received.flatMap(({ "detail-type": detailType, detail }) => {
    const validate = validators.get(detailType) ?? validatorOf(detailType);
    validators.set(detailType, validate);
    return validate(detail)
      ? []
      : [
          `an event of type ${detailType} is not as its schema says: ${ajv.errorsText(validate.errors)}`,
        ];
  });
}
