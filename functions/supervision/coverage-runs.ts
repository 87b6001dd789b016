import * as z from "zod";

import type { CoverageRule } from "./coverage-rules.ts";
import type { CoverageKey, CoverageTable } from "./coverage-table.ts";
import type { EvaluateCoverage } from "./evaluate-coverage.ts";
import { processMessages } from "./process-messages.ts";

/** Maximum number of channels that are evaluated at the same time. */
const CONCURRENCY = 10;

/** A message of the delay queue: an agent's availability on a channel has changed. */
const messageSchema = z.object({ accountId: z.string(), channel: z.string() });

const textOf = ({ accountId, channel }: CoverageKey) => `${accountId}/${channel}`;

/** Some evaluations failed. The log contains the cause of each. */
class EvaluationsFailedError extends Error {
  override readonly name = "EvaluationsFailedError";
}

/** Returns whether the evaluation of a channel succeeded. Logs failures. */
async function succeeds(evaluation: Promise<void>, key: CoverageKey): Promise<boolean> {
  try {
    await evaluation;
    return true;
  } catch (failure) {
    const { name, message } = failure instanceof Error ? failure : new Error(String(failure));
    console.error({
      message: "the coverage of a channel could not be evaluated",
      ...key,
      error: name,
      reason: message,
    });
    return false;
  }
}

/** Creates the functions that evaluate all channels, and the channels of messages. */
export function createCoverageRuns(
  evaluate: EvaluateCoverage,
  { rules, table }: { readonly rules: readonly CoverageRule[]; readonly table: CoverageTable },
) {
  return {
    /**
     * Evaluates every channel that was evaluated before, and every channel whose rule has an account ID. A failure
     * does not prevent the other evaluations.
     *
     * @returns the number of evaluated channels.
     * @throws EvaluationsFailedError
     */
    async evaluateAll(): Promise<number> {
      const named = rules.flatMap(({ accountId, channel }) =>
        accountId === undefined ? [] : [{ accountId, channel }],
      );
      const keys = new Map([...(await table.keys()), ...named].map((key) => [textOf(key), key]));
      const pending = [...keys.values()];
      let failed = 0;
      for (let start = 0; start < pending.length; start += CONCURRENCY) {
        const results = await Promise.all(
          pending
            .slice(start, start + CONCURRENCY)
            .map(async (key) => await succeeds(evaluate(key), key)),
        );
        failed += results.filter((isSuccess) => !isSuccess).length;
      }
      if (failed > 0) {
        throw new EvaluationsFailedError(
          `evaluating the coverage of ${failed} of ${pending.length} channels failed. The next run tries again.`,
        );
      }
      return pending.length;
    },

    /**
     * Evaluates each channel in the messages once.
     *
     * @returns the IDs of the messages to retry.
     */
    async evaluateMessages(messages: Parameters<typeof processMessages>[0]): Promise<string[]> {
      const started = new Map<string, Promise<void>>();
      const evaluateOnce = async (body: string): Promise<void> => {
        const key = messageSchema.parse(JSON.parse(body));
        const evaluation = started.get(textOf(key)) ?? evaluate(key);
        started.set(textOf(key), evaluation);
        await evaluation;
      };
      return await processMessages(messages, evaluateOnce);
    },
  };
}
