import { SSMClient } from "@aws-sdk/client-ssm";
import { InvalidArgumentError } from "commander";

import { parseTimeZone as parseZone } from "../../client/history/days.ts";
import type { Period } from "../../client/history/timeline.ts";
import { LookupError } from "../../client/lookups/lookup-error.ts";
import { CommandError } from "./command-error.ts";
import { formatCount } from "./count.ts";
import { findParameters } from "./deployed-stage.ts";

const DAY_MS = 86_400_000;

/** The tables in which a stage stores agents and their history. */
export interface StageHistory {
  readonly tableName: string;
  readonly historyTableName: string;
  /** Days that a change is kept. */
  readonly days: number;
}

/**
 * Finds the history of a stage.
 *
 * @throws CommandError if the stage is not deployed in this account and region, or keeps no history.
 */
export async function findHistory(stage: string): Promise<StageHistory> {
  const found = await findParameters(
    new SSMClient(),
    stage,
    ["table-name", "history-table-name", "history-days"],
    (missing) =>
      `keeps no history (missing parameters: ${missing}). Set historyDays and deploy the stack AgentAvailabilityHistory.`,
  );
  return {
    tableName: found["table-name"],
    historyTableName: found["history-table-name"],
    days: Number(found["history-days"]),
  };
}

/**
 * Returns the first time that the history still covers, if a period begins before it.
 *
 * @throws CommandError if the whole period is older than the history.
 */
export function startOfHistory({ from, to }: Period, days: number, now: Date): string | undefined {
  const start = now.getTime() - days * DAY_MS;
  const text = new Date(start).toISOString();
  if (to <= start) {
    throw new CommandError(
      `the period must end after ${text}, because the history is kept for ${formatCount(days, "day")} (got ${new Date(to).toISOString()}). To keep future changes longer, increase the setting historyDays.`,
    );
  }
  return from < start ? text : undefined;
}

export function parseTimeZone(text: string): string {
  try {
    return parseZone(text);
  } catch (error) {
    if (error instanceof LookupError) {
      throw new InvalidArgumentError("Must be an IANA time zone such as Europe/Berlin.");
    }
    throw error;
  }
}
