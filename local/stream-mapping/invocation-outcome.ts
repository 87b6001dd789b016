import * as z from "zod";

export type InvocationOutcome =
  | { readonly kind: "succeeded" }
  /** The record at this index failed first. The records before it succeeded. */
  | { readonly kind: "partially failed"; readonly failedAt: number }
  /** The whole batch failed. */
  | { readonly kind: "failed" }
  /** The function was not invoked: the request was throttled, or the service failed. */
  | { readonly kind: "not invoked" };

const responseSchema = z
  .object({
    batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish(),
  })
  .nullish();

/**
 * Returns the outcome that a function's response reports, as AWS documents partial batch responses: without
 * identifiers, the batch succeeded; with several, it continues at the lowest sequence number. The whole batch
 * fails if the response has another format, or an identifier is empty or null.
 *
 * Assumption: the whole batch also fails for an identifier that is not in the batch. AWS does not document it.
 *
 * @param response as JSON; `null` if the function returned nothing.
 * @param sequenceNumbers of the batch, in order.
 */
export function outcomeOf(
  response: unknown,
  sequenceNumbers: readonly string[],
): InvocationOutcome {
  const parsed = responseSchema.safeParse(response);
  if (!parsed.success) {
    return { kind: "failed" };
  }
  const failures = parsed.data?.batchItemFailures ?? [];
  if (failures.length === 0) {
    return { kind: "succeeded" };
  }
  const indexes = failures.map(({ itemIdentifier }) => sequenceNumbers.indexOf(itemIdentifier));
  return indexes.includes(-1)
    ? { kind: "failed" }
    : { kind: "partially failed", failedAt: Math.min(...indexes) };
}
