import { readFileSync, writeFileSync } from "node:fs";

import * as prettier from "prettier";

import { stageSchema } from "../../lib/stage.ts";

const PAGE = new URL("../../docs/deploy/settings.md", import.meta.url);
const GENERATED_PART = /(?<=<!-- begin: settings -->)[\s\S]*(?=<!-- end: settings -->)/;

const defaults = stageSchema.parse({});

function rowOf(name: string, description: string | undefined): string {
  const value: unknown = Reflect.get(defaults, name);
  const written = value === undefined ? "none" : `\`${JSON.stringify(value)}\``;
  return `| \`${name}\` | ${written} | ${description ?? ""} |`;
}

/** Returns the settings page with its table regenerated from the schema. */
export async function settingsPage(): Promise<string> {
  const rows = Object.entries(stageSchema.shape).map(([name, { description }]) =>
    rowOf(name, description),
  );
  const table = ["| setting | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
  const page = readFileSync(PAGE, "utf8").replace(GENERATED_PART, () => `\n\n${table}\n\n`);
  return await prettier.format(page, { parser: "markdown", printWidth: 100 });
}

if (import.meta.main) {
  const page = await settingsPage();
  if (!process.argv.includes("--check")) {
    writeFileSync(PAGE, page);
  } else if (readFileSync(PAGE, "utf8") !== page) {
    console.error("docs/deploy/settings.md is stale. Run npm run docs:settings.");
    process.exitCode = 1;
  }
}
