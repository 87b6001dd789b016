import * as z from "zod";

import { incompatibilities } from "./compatibility.ts";
import type { Files } from "./files.ts";

const jsonObject = z.record(z.string(), z.unknown());

/**
 * Returns the files that differ from the generated ones: edited manually, not generated again, or left over
 * from a type that was renamed.
 */
export function staleFiles(disk: Files, generated: Files): string[] {
  const names = new Set([...generated.keys(), ...disk.keys()]);
  return [...names].filter((name) => disk.get(name) !== generated.get(name));
}

/** Returns a message for each way in which the current schemas break consumers of the published ones. */
export function breakingChanges(published: Files, now: Files): string[] {
  return [...published].flatMap(([file, old]) => {
    const current = now.get(file);
    if (current === undefined) {
      return [`${file}: the schema was removed. Keep it beside the new one.`];
    }
    return incompatibilities(
      jsonObject.parse(JSON.parse(old)),
      jsonObject.parse(JSON.parse(current)),
    ).map((change) => `${file}: ${change}. Add a new schemaVersion beside this one.`);
  });
}

/**
 * Returns the reasons why CI rejects the schemas: breaking changes, or else current schemas that are not
 * published. A merged schema may be deployed, so consumers may rely on it.
 */
export function publishingProblems(published: Files, now: Files): string[] {
  const broken = breakingChanges(published, now);
  return broken.length > 0
    ? broken
    : staleFiles(published, now).map(
        (file) => `${file} is not up to date. Run npm run catalogue -- --publish.`,
      );
}
