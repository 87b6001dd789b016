import * as z from "zod";

import { incompatibilities } from "./compatibility.ts";
import type { Files } from "./files.ts";

const jsonObject = z.record(z.string(), z.unknown());

/**
 * Files that are not as they would be made now: changed by hand, not made anew, or made by nothing any
 * more, as those of a type that was renamed.
 */
export function staleFiles(disk: Files, generated: Files): string[] {
  const names = new Set([...generated.keys(), ...disk.keys()]);
  return [...names].filter((name) => disk.get(name) !== generated.get(name));
}

/** Where the schemas of now break who relies on the published ones, as sentences. */
export function breaks(published: Files, now: Files): string[] {
  return [...published].flatMap(([file, old]) => {
    const current = now.get(file);
    if (current === undefined) {
      return [`${file}: its schema is no longer there; keep it beside the new one`];
    }
    return incompatibilities(
      jsonObject.parse(JSON.parse(old)),
      jsonObject.parse(JSON.parse(current)),
    ).map(
      ({ path, message }) =>
        `${file}: ${path || "the detail"} ${message}; make a new schemaVersion beside this one`,
    );
  });
}

/**
 * What CI refuses of the schemas: a break, or else that one is not published as it is. Whatever is merged
 * may be deployed, so from then on teams may rely on it.
 */
export function publishingProblems(published: Files, now: Files): string[] {
  const broken = breaks(published, now);
  return broken.length > 0
    ? broken
    : staleFiles(published, now).map(
        (file) => `${file} is not published as it is: run npm run catalogue -- --publish`,
      );
}
