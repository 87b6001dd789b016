/** Thrown at synthesis if a rule, a hub or a pattern is invalid. The message names the property and what is allowed. */
export class ConsumerError extends Error {
  override readonly name = "ConsumerError";
}
