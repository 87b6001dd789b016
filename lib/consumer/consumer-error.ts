/** A rule that cannot be made. Its message is for the person who wrote it: what was got, what is allowed. */
export class ConsumerError extends Error {
  override readonly name = "ConsumerError";
}
