import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";

import {
  type SweepRequest,
  type SweepResult,
  sweepResultSchema,
} from "../../functions/reconcile/sweep-result.ts";
import { CommandError } from "../shared/command-error.ts";

/** The function's own timeout is 15 minutes. */
export const RESPONSE_TIMEOUT_MS = 16 * 60_000;

/**
 * Invokes the reconcile function and waits for its result.
 *
 * @throws CommandError if the function failed.
 */
export async function invokeSweep(
  lambda: LambdaClient,
  functionName: string,
  request: Omit<SweepRequest, "kind">,
): Promise<SweepResult> {
  const payload: SweepRequest = { kind: "sweep now", ...request };
  const response = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) }),
  );
  if (response.FunctionError !== undefined) {
    throw new CommandError(
      `the reconcile function ${functionName} failed. Read its log, whose name is in the stage parameter reconcile-log-name.`,
    );
  }
  return sweepResultSchema.parse(JSON.parse(Buffer.from(response.Payload ?? []).toString("utf8")));
}
