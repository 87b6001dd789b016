import { isSchema, type JsonSchema } from "./json-schemas.ts";

/** One field, as the page lists it. */
export interface Field {
  /** Such as `previous.status.id`. `channels.*` is every value of a map. */
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly meaning: string;
}

function valuesOf(schema: JsonSchema): string | undefined {
  const { enum: choices, const: only } = schema;
  if (Array.isArray(choices)) {
    return choices.map((choice) => `\`${String(choice)}\``).join(" or ");
  }
  return only === undefined ? undefined : `\`${JSON.stringify(only)}\``;
}

function typeOf(schema: JsonSchema): string {
  const { type, items, additionalProperties, format } = schema;
  if (type === "array" && isSchema(items)) {
    return `list of ${typeOf(items)}`;
  }
  if (type === "object") {
    return isSchema(additionalProperties) ? "map" : "object";
  }
  return valuesOf(schema) ?? (format === "date-time" ? "time" : String(type));
}

/** Returns the fields inside an object or a map. */
function innerFields(schema: JsonSchema, path: string): Field[] {
  const { additionalProperties: each } = schema;
  return isSchema(each) && each["type"] === "object"
    ? fieldsOf(each, `${path}.*.`)
    : fieldsOf(schema, `${path}.`);
}

function fieldOf(path: string, schema: JsonSchema, isRequired: boolean): Field {
  const { description } = schema;
  const meaning = typeof description === "string" ? description : "";
  return { path, type: typeOf(schema), isRequired, meaning };
}

/** Returns every field of an object's schema, including inner fields, in the schema's order. */
export function fieldsOf(schema: JsonSchema, prefix = ""): Field[] {
  const { properties, required } = schema;
  const names: unknown[] = Array.isArray(required) ? required : [];
  const fields: Field[] = [];
  for (const [name, field] of Object.entries(isSchema(properties) ? properties : {})) {
    if (isSchema(field)) {
      const path = `${prefix}${name}`;
      fields.push(fieldOf(path, field, names.includes(name)), ...innerFields(field, path));
    }
  }
  return fields;
}
