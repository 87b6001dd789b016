import { parseProductEvent } from "../../functions/availability/product-event.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Wraps a value so that every field that is read from it is recorded, with `[]` for each position of a list.
 */
function recordReads(value: unknown, path: string, reads: Set<string>): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const isList = Array.isArray(value);
  return new Proxy(value, {
    get(target, key) {
      const child: unknown = Reflect.get(target, key);
      const isField = typeof key === "string" && (isList ? /^\d+$/.test(key) : !(key in {}));
      if (!isField) {
        return child;
      }
      const childPath = isList ? `${path}[]` : path === "" ? key : `${path}.${key}`;
      reads.add(childPath);
      return recordReads(child, childPath, reads);
    },
  });
}

/**
 * Returns the paths of the fields that the hub reads from a payload, such as
 * `data.agent_availability.channel_availability[].agent_id`, whether or not the payload has them. The hub reads
 * the fields of an object only if the payload has the object.
 */
export function fieldsRead(payload: object): string[] {
  const reads = new Set<string>();
  parseProductEvent(recordReads(payload, "", reads), new Date());
  const paths = [...reads];
  return paths
    .filter(
      (path) =>
        !paths.some((other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[`)),
    )
    .toSorted();
}

/** Returns the values at a path of a payload, one for each element of the lists on the path. */
export function valuesAt(payload: unknown, path: string): unknown[] {
  const steps = path.split(/\.|(?=\[\])/);
  let values: unknown[] = [payload];
  for (const step of steps) {
    values = values.flatMap((value): unknown[] => {
      if (step === "[]") {
        return Array.isArray(value) ? value : [];
      }
      return typeof value === "object" && value !== null ? [(value as Json)[step]] : [];
    });
  }
  return values.filter((value) => value !== undefined && value !== null);
}

/** Returns a copy of a payload with a value at a path, in each element of the lists on the path. */
export function withValueAt(payload: object, path: string, value: unknown): object {
  const copy = structuredClone(payload);
  const steps = path.split(/\.|(?=\[\])/);
  const last = steps.pop() ?? "";
  const parents =
    steps.length === 0 ? [copy] : valuesAt(copy, steps.join(".").replaceAll(".[]", "[]"));
  for (const parent of parents as (Record<string, unknown> & unknown[])[]) {
    if (last === "[]") {
      parent.fill(value);
    } else {
      parent[last] = value;
    }
  }
  return copy;
}
