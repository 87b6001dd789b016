import type { DynamoDBRecord } from "aws-lambda";
import * as z from "zod";

import { recordSchema } from "./stream-record.ts";

/** Lambda writes the event as a string ("payload": "<Whole Event>"). */
const payloadSchema = z.union([z.string().transform((text) => parseJson(text)), z.unknown()]);

const invocationSchema = z.looseObject({
  payload: payloadSchema.pipe(z.looseObject({ Records: z.array(recordSchema) })),
});

/** A batch that Lambda sent to the on-failure destination. */
export interface InvocationRecord {
  readonly records: readonly DynamoDBRecord[];
  /** Returns the text of the same invocation record with these records only. */
  readonly withOnly: (records: readonly DynamoDBRecord[]) => string;
}

/** Returns the parsed text, or undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Parses an invocation record. Returns `problem` if Lambda did not write it. */
export function parseInvocationRecord(
  text: string,
): InvocationRecord | { readonly problem: string } {
  const { data, error } = invocationSchema.safeParse(parseJson(text));
  if (!data) {
    return { problem: z.prettifyError(error).replaceAll("\n", " ") };
  }
  const { payload, ...rest } = data;
  return {
    records: payload.Records,
    withOnly: (records) =>
      JSON.stringify({ ...rest, payload: JSON.stringify({ ...payload, Records: records }) }),
  };
}
