import { isIn, language, type Term } from "./terms.ts";

/** A use of a term that the glossary replaces. */
export interface Finding {
  /** Path relative to the repository. */
  readonly file: string;
  /** Line number from 1; 0 if the file's name uses the term. */
  readonly line: number;
  readonly text: string;
  readonly use: string;
}

/** Separates the words of identifiers, so that `SetAside` and `TOLD_MS` contain the words "set aside" and "told". */
function splitIdentifiers(text: string): string {
  return text.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_/g, " ");
}

/** Matches a phrase with spaces, hyphens, or a line break within a comment, list or quote between its words. */
function phrasePattern({ avoid }: Term): RegExp {
  return new RegExp(`\\b(?:${avoid.replaceAll(" ", String.raw`[\s*/#>-]+`)})\\b`, "gi");
}

/** Matches a name as whole words of an identifier: `claim` in `claimOf`, `Watched` in `isWatched`. */
function identifierPattern({ avoid }: Term): RegExp {
  const start = /^[A-Z]/.test(avoid) ? "(?<![A-Z])" : "(?<![A-Za-z0-9])";
  const end = avoid.endsWith("_") ? "" : "(?![a-z0-9])";
  return new RegExp(`${start}${avoid}${end}`, "g");
}

const phrases = language.phrases.map((term) => ({ ...term, pattern: phrasePattern(term) }));
const identifiers = language.identifiers.map((term) => ({
  ...term,
  pattern: identifierPattern(term),
}));

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

function findPhrases(file: string, text: string, firstLine: number): Finding[] {
  const words = splitIdentifiers(text);
  return phrases
    .filter((term) => term.in === undefined || isIn(file, term.in))
    .flatMap(({ pattern, use }) =>
      [...words.matchAll(pattern)].map((match) => ({
        file,
        line: firstLine === 0 ? 0 : lineAt(words, match.index),
        text: match[0].replaceAll(/[\s*/#>]+/g, " "),
        use,
      })),
    );
}

/** Comments and strings. Template literals stay, since they contain code. */
const COMMENTS_AND_STRINGS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;

function findIdentifiers(file: string, text: string): Finding[] {
  const terms = identifiers.filter((term) => term.in === undefined || isIn(file, term.in));
  const code = text.replaceAll(COMMENTS_AND_STRINGS, (skipped) =>
    skipped.replaceAll(/[^\n]/g, " "),
  );
  return [...code.matchAll(/[A-Za-z_$][\w$]*/g)].flatMap(({ 0: name, index }) => {
    const term = terms.find(({ pattern }) => name.match(pattern) !== null);
    return term ? [{ file, line: lineAt(code, index), text: name, use: term.use }] : [];
  });
}

function isException({ file, text }: Finding): boolean {
  return language.exceptions.some(
    (exception) => isIn(file, exception.in) && exception.text.toLowerCase() === text.toLowerCase(),
  );
}

/**
 * Finds the terms that the glossary replaces in a file's name and text.
 *
 * @param file path relative to the repository.
 */
export function findTerms(file: string, text: string): Finding[] {
  const isCode = /\.[cm]?[jt]s$/.test(file);
  return [
    ...findPhrases(file, file, 0),
    ...findPhrases(file, text, 1),
    ...(isCode ? findIdentifiers(file, text) : []),
  ]
    .filter((finding) => !isException(finding))
    .toSorted((one, other) => one.line - other.line);
}
