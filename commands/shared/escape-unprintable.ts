/**
 * Control characters (escape sequences, newlines), line separators, characters that change the direction of the
 * text around them, and unpaired surrogates: with them, a name could forge lines and prompts.
 */
const UNPRINTABLE_CHARACTERS = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/gu;

const escapeOf = (character: string) =>
  character === "\n" ? "\\n" : `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`;

/** Returns one line of text in which characters that a terminal would act on are visible escapes. */
export function escapeUnprintable(text: string): string {
  return text.replaceAll(UNPRINTABLE_CHARACTERS, escapeOf);
}
