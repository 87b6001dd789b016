import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";
import * as z from "zod";

import { pagesIn, root } from "./pages.ts";

const pages = pagesIn().map((page) => ({ page, text: readFileSync(join(root, page), "utf8") }));

/** A file or folder of this project, in backticks, without a placeholder or a list in braces. */
const PATH =
  /`((?:bin|board|client|commands|docs|examples|functions|lib|local|relay|schemas|test|tools)\/[\w./-]*\w\/?)`/g;

describe("a page", () => {
  it("names only files and folders that exist", () => {
    const missing = pages.flatMap(({ page, text }) =>
      [...text.matchAll(PATH)]
        .filter(([, path = ""]) => !existsSync(join(root, path)))
        .map(([, path = ""]) => `${page}: ${path}`),
    );

    expect(missing).toEqual([]);
  });

  it("names only npm scripts that exist", () => {
    const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(manifest);
    const missing = pages
      .filter(({ page }) => !page.startsWith("examples/"))
      .flatMap(({ page, text }) =>
        [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)]
          .filter(([, name = ""]) => !Object.hasOwn(scripts, name))
          .map(([, name = ""]) => `${page}: ${name}`),
      );

    expect(missing).toEqual([]);
  });

  it("names more than 50 files and folders in total", () => {
    const named = pages.flatMap(({ text }) => text.match(PATH) ?? []);

    expect(named.length).toBeGreaterThan(50);
  });
});
