/** Something that the person who typed a command can mend. Its message is a sentence for that person. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
