import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "@jest/globals";
import { getFileInfo } from "prettier";

import { root } from "../../tools/run/paths.ts";

const example = join(root, "examples", "tickets-closed");

it("the format check ignores the files that the example is compiled to", async () => {
  const { compilerOptions } = JSON.parse(readFileSync(join(example, "tsconfig.json"), "utf8")) as {
    compilerOptions: { outDir: string };
  };
  const isIgnored = async (file: string) => {
    const ignorePath = [join(root, ".gitignore"), join(root, ".prettierignore")];
    const { ignored } = await getFileInfo(join(example, file), { ignorePath });
    return ignored;
  };

  expect(await isIgnored(join(compilerOptions.outDir, "app.js"))).toBe(true);
  expect(await isIgnored("app.ts")).toBe(false);
});
