import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../run/paths.ts";

const docs = join(root, "docs");

/** A comment such as `<!-- examples/lookups/lookups.py -->`, and the code block after it. */
const EXAMPLE = /<!-- (examples\/\S+) -->\n\n```(\w+)\n[\s\S]*?\n```/g;

/** Returns a page with the current content of each example file in its code block. */
export function withExamples(page: string): string {
  return page.replaceAll(EXAMPLE, (_match, file: string, language: string) => {
    const text = readFileSync(join(root, file), "utf8").trimEnd();
    return `<!-- ${file} -->\n\n\`\`\`${language}\n${text}\n\`\`\``;
  });
}

if (import.meta.main) {
  const pages = readdirSync(docs, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".md"),
  );
  for (const name of pages) {
    const page = readFileSync(join(docs, name), "utf8");
    const fresh = withExamples(page);
    if (fresh !== page && process.argv.includes("--check")) {
      console.error(`docs/${name} shows an outdated example. Run npm run docs:examples.`);
      process.exitCode = 1;
    } else if (fresh !== page) {
      writeFileSync(join(docs, name), fresh);
    }
  }
}
