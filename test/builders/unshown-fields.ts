/** A JSON Schema, or a part of one. */
export type Schema = { [keyword: string]: unknown };

/** Returns the paths of the fields that a schema describes but none of the values has. */
export function unshownFields(schema: Schema, values: readonly object[], path = ""): string[] {
  const missing: string[] = [];
  const fields = (schema["properties"] ?? {}) as Record<string, Schema>;
  for (const [name, field] of Object.entries(fields)) {
    const present = values
      .map((value): unknown => Reflect.get(value, name))
      .filter((value) => value !== undefined);
    if (present.length === 0) {
      missing.push(`${path}${name}`);
    }
    const inner = present.filter((value): value is object => typeof value === "object");
    const entrySchema = field["additionalProperties"] as Schema | undefined;
    const entries = inner.flatMap((map) => Object.values(map) as object[]);
    const unshown = entrySchema
      ? unshownFields(entrySchema, entries, `${path}${name}.*.`)
      : unshownFields(field, inner, `${path}${name}.`);
    missing.push(...unshown);
  }
  return missing;
}
