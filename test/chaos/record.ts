import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../../tools/run/paths.ts";

/** Replaces what a document says between two comments that name a part of it. */
export function record(document: string, part: string, text: string): void {
  const file = join(root, document);
  const [begin, end] = [`<!-- begin: ${part} -->\n`, `<!-- end: ${part} -->\n`];
  const [before, rest] = readFileSync(file, "utf8").split(begin);
  const [, after] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined) {
    throw new Error(`${document} has no part "${part}" to be replaced`);
  }
  writeFileSync(file, `${before}${begin}\n${text}\n\n${end}${after}`);
}
