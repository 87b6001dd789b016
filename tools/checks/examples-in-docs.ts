import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../run/paths.ts";

const docs = join(root, "docs");

/** `<!-- examples/lookups/lookups.py -->`, and the block of code behind it. */
const SHOWN = /<!-- (examples\/\S+) -->\n\n```(\w+)\n[\s\S]*?\n```/g;

/** A page as it has to be: behind each mention of an example exactly what that file holds. */
export function withExamples(page: string): string {
  return page.replaceAll(SHOWN, (_shown, file: string, language: string) => {
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
      console.error(`docs/${name} shows an example as it was: run npm run docs:examples`);
      process.exitCode = 1;
    } else if (fresh !== page) {
      writeFileSync(join(docs, name), fresh);
    }
  }
}
