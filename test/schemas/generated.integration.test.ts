import { readFileSync } from "node:fs";

import { expect, it } from "@jest/globals";

import { generatedFiles } from "../../tools/schemas/files.ts";

const root = new URL("../../", import.meta.url);

it("the generated files are up to date", async () => {
  const files = [...(await generatedFiles())].filter(([name]) => name.startsWith("schemas/"));

  const stale = files
    .filter(([name, content]) => content !== readFileSync(new URL(name, root), "utf8"))
    .map(([name]) => name);

  expect(files.length).toBeGreaterThan(10);
  expect(stale).toEqual([]);
});
