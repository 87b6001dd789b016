import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../../tools/run/paths.ts";

/** Replaces the text of a page between the comments that mark the begin and the end of a section. */
export function replaceSection(page: string, section: string, text: string): void {
  const file = join(root, page);
  const [begin, end] = [`<!-- begin: ${section} -->\n`, `<!-- end: ${section} -->\n`];
  const [before, rest] = readFileSync(file, "utf8").split(begin);
  const [, after] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined) {
    throw new Error(`${page} must contain the comments of section "${section}"`);
  }
  writeFileSync(file, `${before}${begin}\n${text}\n\n${end}${after}`);
}
