import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A step of a page: a file to write, or commands for bash. */
export type Step =
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  | { readonly kind: "commands"; readonly text: string };

/** A line that names a file and a block with its content, or a block of commands. */
const STEP = /(?:^`([\w./-]+)`:\n\n)?^```(\w+)\n([\s\S]*?\n)```$/gm;

/** Returns the steps in a section of a page, in order. Other blocks of code are not steps. */
export function stepsOf(page: string, heading: string): readonly Step[] {
  const [, section] = readFileSync(page, "utf8").split(`\n## ${heading}\n`);
  if (section === undefined) {
    throw new Error(`${page} has no section "${heading}"`);
  }
  const [content = ""] = section.split("\n## ");
  return [...content.matchAll(STEP)].flatMap(([, name, language, text = ""]): Step[] => {
    if (name !== undefined) {
      return [{ kind: "file", name, text }];
    }
    return language === "sh" ? [{ kind: "commands", text }] : [];
  });
}

/** Writes a file into a folder. */
export function writeStep(folder: string, name: string, text: string): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
