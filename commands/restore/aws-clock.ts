import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as z from "zod";

const responseSchema = z.object({ headers: z.object({ date: z.string() }) });

/**
 * Creates a clock that shows AWS's time, to the second, as given in the responses to a client's requests. The
 * operator's clock may be minutes off, while stored times are set by AWS's machines.
 *
 * @returns a function that returns the time of the last response in epoch milliseconds; before the first
 *   response, this machine's time.
 */
export function awsClockOf(client: DynamoDBClient): () => number {
  let time: number | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { success, data } = responseSchema.safeParse(result.response);
      time = success ? Date.parse(data.headers.date) : time;
      return result;
    },
    { step: "deserialize", name: "awsClock" },
  );
  return () => time ?? Date.now();
}
