import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** Folders without pages of this project. */
const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "cdk.out", "coverage"]);

/** Returns the paths of all pages below a folder, relative to the project's root. */
export function pagesIn(folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && !SKIPPED_FOLDERS.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? pagesIn(path) : path.endsWith(".md") ? [path] : [];
    });
}

/** Returns a page without its code blocks, which may contain headings and links of other languages. */
export function proseOf(page: string): string {
  return readFileSync(join(root, page), "utf8").replace(/^( *)```[\s\S]*?^\1```$/gm, "");
}

/** Returns the anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
    .replaceAll(" ", "-");
}

/** Returns the anchors of a page's headings. A repeated heading gets a number, as on GitHub. */
export function anchorsOf(prose: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of prose.matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = anchorOf(heading);
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) {
      unique = `${anchor}-${count}`;
    }
    anchors.add(unique);
  }
  return anchors;
}

/** Returns the targets of a page's links to other pages, files and folders of this project. */
export function linksIn(prose: string): string[] {
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Returns the reason that a link leads nowhere, or undefined. */
export function problemOf(page: string, link: string): string | undefined {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : join(page, "..", path);
  if (!existsSync(join(root, target))) {
    return `${page}: ${link} does not exist`;
  }
  if (anchor !== undefined && !anchorsOf(proseOf(target)).has(anchor)) {
    return `${page}: ${link} names no heading of ${target}`;
  }
  return undefined;
}
