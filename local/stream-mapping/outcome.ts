import * as z from "zod";

/** What a call of the function came to. */
export type Outcome =
  | { readonly kind: "done" }
  /** What lies before `from` is done. */
  | { readonly kind: "failed"; readonly from: number }
  /** The call could not be made: throttled, or the service failed. */
  | { readonly kind: "not called"; readonly reason: string };

const answerSchema = z
  .object({
    batchItemFailures: z.array(z.object({ itemIdentifier: z.string().nullish() })).nullish(),
  })
  .nullish();

/**
 * What a function's answer says of a batch, by AWS's documentation of partial failures: nothing to report
 * is success; of several identifiers the lowest sequence number is where it goes on. What is no such
 * answer, and an identifier that is empty or of no record of the batch, make the whole batch fail; of the
 * last the documentation says nothing, which makes it this project's assumption.
 *
 * @param sequenceNumbers of the batch, in order.
 */
export function outcomeOf(answer: unknown, sequenceNumbers: readonly string[]): Outcome {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) {
    return { kind: "failed", from: 0 };
  }
  const failures = parsed.data?.batchItemFailures ?? [];
  if (failures.length === 0) {
    return { kind: "done" };
  }
  const places = failures.map(({ itemIdentifier }) =>
    sequenceNumbers.indexOf(itemIdentifier ?? ""),
  );
  return { kind: "failed", from: places.includes(-1) ? 0 : Math.min(...places) };
}
