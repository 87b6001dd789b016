import { readFileSync } from "node:fs";
import { join } from "node:path";

import { checkedFiles } from "./language/files.ts";
import { findTerms } from "./language/findings.ts";
import { root } from "../run/paths.ts";

/**
 * Reports every use of a term that the project's glossary replaces: `npm run check:language -- PATH...`.
 * Terms and exceptions are in `language.json`.
 */
const paths = process.argv.slice(2);
const findings = checkedFiles(paths).flatMap((file) =>
  findTerms(file, readFileSync(join(root, file), "utf8")),
);
for (const { file, line, text, use } of findings) {
  console.log(`${file}:${line}: "${text}" → ${use}`);
}
console.error(
  findings.length === 0
    ? "No terms to replace."
    : `${findings.length} terms to replace. If one is correct, add an exception with its reason to tools/checks/language.json.`,
);
process.exitCode = findings.length === 0 ? 0 : 1;
