import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as z from "zod";

const dated = z.object({ headers: z.object({ date: z.string() }) });

/**
 * AWS's clock, to the second, as the answers to a client's calls tell it. The operator's own may be minutes
 * off, and what is stored is told apart by times that AWS's machines set.
 *
 * @returns what tells the time of the last answer, in epoch milliseconds; this machine's before the first.
 */
export function awsClockOf(client: DynamoDBClient): () => number {
  let time: number | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const answer = dated.safeParse(result.response);
      time = answer.success ? Date.parse(answer.data.headers.date) : time;
      return result;
    },
    { step: "deserialize", name: "awsClock" },
  );
  return () => time ?? Date.now();
}
