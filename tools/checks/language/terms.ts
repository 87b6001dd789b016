import { readFileSync } from "node:fs";

import * as z from "zod";

const termSchema = z.strictObject({
  /** Regular expression. A space matches white space, hyphens and line breaks within comments. */
  avoid: z.string(),
  use: z.string(),
  /** File or folder in which the term is replaced; everywhere if absent. */
  in: z.string().optional(),
});

const languageSchema = z.strictObject({
  /** Found in all text, ignoring case, including as words within identifiers (`toldAt`) and file names. */
  phrases: z.array(termSchema),
  /** Found only in identifiers, case-sensitively, including as a part of one (`Watched` in `isWatched`). */
  identifiers: z.array(termSchema),
  /** Uses that are correct: the exact text found, file or folder, and why it is correct. */
  exceptions: z.array(
    z.strictObject({ in: z.string(), text: z.string(), reason: z.string().min(10) }),
  ),
});

/** One term of the glossary with its replacement. */
export type Term = z.output<typeof termSchema>;

/** The project's glossary as regular expressions, with its exceptions. */
export const language = languageSchema.parse(
  JSON.parse(readFileSync(new URL("../language.json", import.meta.url), "utf8")),
);

/** Returns whether a file is `folder` or is in it. */
export function isIn(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}
