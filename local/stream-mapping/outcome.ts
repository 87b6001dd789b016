import * as z from "zod";

/** What a call of the function came to. */
export type Outcome =
  | { readonly kind: "done" }
  /** The record at this place of the batch, counted from 0, failed first; what lies before it is done. */
  | { readonly kind: "partly done"; readonly failedAt: number }
  /** The whole batch failed. */
  | { readonly kind: "failed" }
  /** The call could not be made: throttled, or the service failed. */
  | { readonly kind: "not called" };

const answerSchema = z
  .object({
    batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish(),
  })
  .nullish();

/**
 * What a function's answer says of a batch, by AWS's documentation of partial failures: nothing to report
 * is success; of several identifiers the lowest sequence number is where it goes on. What is no such
 * answer, and an identifier that is empty, null or of no record of the batch, make the whole batch fail;
 * of the last the documentation says nothing, so that is this project's assumption.
 *
 * @param answer as JSON; `null` when the function answered nothing.
 * @param sequenceNumbers of the batch, in order.
 */
export function outcomeOf(answer: unknown, sequenceNumbers: readonly string[]): Outcome {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) {
    return { kind: "failed" };
  }
  const failures = parsed.data?.batchItemFailures ?? [];
  if (failures.length === 0) {
    return { kind: "done" };
  }
  const places = failures.map(({ itemIdentifier }) => sequenceNumbers.indexOf(itemIdentifier));
  return places.includes(-1)
    ? { kind: "failed" }
    : { kind: "partly done", failedAt: Math.min(...places) };
}
