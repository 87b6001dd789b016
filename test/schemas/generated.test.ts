import { readFileSync } from "node:fs";

import { expect, it } from "@jest/globals";

import { generatedFiles } from "../../tools/schemas/files.ts";

const root = new URL("../../", import.meta.url);

it("what is generated lies there as the catalogue in the code makes it", async () => {
  const files = [...(await generatedFiles())].filter(([name]) => name.startsWith("schemas/"));

  const stale = files
    .filter(([name, content]) => content !== readFileSync(new URL(name, root), "utf8"))
    .map(([name]) => name);

  expect(files.length).toBeGreaterThan(10);
  expect(stale).toEqual([]);
});
