import { randomUUID } from "node:crypto";

import {
  type CloudWatchLogsClient,
  CreateLogStreamCommand,
  type FilteredLogEvent,
  paginateFilterLogEvents,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import * as z from "zod";

import { CommandError } from "./command-error.ts";

/** What an operator does that somebody may ask about later. Holds ids only, never a key or a name. */
export interface Deed {
  readonly action:
    | "account add"
    | "account rotate"
    | "account retire"
    | "account remove"
    | "agent forget"
    | "restore";
  readonly [detail: string]: string | number;
}

const lineSchema = z.object({
  id: z.string(),
  action: z.string(),
  at: z.string(),
  outcome: z.string(),
  accountId: z.string().optional(),
  availabilityId: z.string().optional(),
  from: z.string().optional(),
  epoch: z.number().optional(),
  rollBack: z.string().optional(),
  reason: z.string().optional(),
});

/** How a deed ended. */
export type Outcome = "done" | "failed";

/** A line of the record; both lines of a deed have its `id`. */
export interface Line extends z.infer<typeof lineSchema> {
  /** ISO 8601 UTC: when CloudWatch Logs took it. `at` is by the operator's clock, which may be minutes off. */
  readonly recordedAt: string;
}

function lineIn({ message, ingestionTime }: FilteredLogEvent): Line | undefined {
  try {
    const { data: line } = lineSchema.safeParse(JSON.parse(message ?? ""));
    const recordedAt =
      ingestionTime === undefined ? line?.at : new Date(ingestionTime).toISOString();
    return line && { ...line, recordedAt: recordedAt ?? line.at };
  } catch {
    // Somebody else's line: the group is an ordinary log group.
    return undefined;
  }
}

/** The record of who did what to a stage: a log group of its own, kept for 13 months. */
export function createOperatorsLog(
  { logs, sts }: { readonly logs: CloudWatchLogsClient; readonly sts: STSClient },
  { logGroupName, stage }: { readonly logGroupName: string; readonly stage: string },
) {
  /** A stream of its own for each command: what two operators write at once does not meet. */
  async function openStream(): Promise<(line: object) => Promise<void>> {
    const id = randomUUID();
    const { Arn: by } = await sts.send(new GetCallerIdentityCommand({}));
    const logStreamName = `${new Date().toISOString().slice(0, 10)}/${id}`;
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    return async (line) => {
      const at = new Date();
      const message = JSON.stringify({ id, at: at.toISOString(), by, stage, ...line });
      const logEvents = [{ timestamp: at.getTime(), message }];
      const { rejectedLogEventsInfo: rejected } = await logs.send(
        new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }),
      );
      // CloudWatch Logs takes the call, and drops lines from days ago or hours ahead.
      if (rejected !== undefined) {
        throw new CommandError(
          `${logGroupName} has not taken the line of ${at.toISOString()} (${Object.keys(rejected).join(", ")}): set this computer's clock, and try again`,
        );
      }
    };
  }

  return {
    /**
     * Does something on the record: a line before it, with who does what, and one with how it ended.
     *
     * What cannot be recorded is not done. When only the end cannot be, what was done stands, and
     * `onUnrecorded` is told, and how it ended: the result may be a key that is shown nowhere else.
     */
    async keep<Result>(
      deed: Deed,
      run: () => Promise<Result>,
      onUnrecorded: (error: unknown, outcome: Outcome) => void,
    ): Promise<Result> {
      const write = await openStream();
      const end = async (outcome: Outcome, more: object = {}) => {
        await write({ ...deed, outcome, ...more }).catch((error: unknown) => {
          onUnrecorded(error, outcome);
        });
      };
      await write({ ...deed, outcome: "begun" });
      try {
        const result = await run();
        await end("done");
        return result;
      } catch (error) {
        await end("failed", { reason: error instanceof Error ? error.name : String(error) });
        throw error;
      }
    },

    /** All lines of an action, in the order in which they were recorded. */
    async read(action: Deed["action"]): Promise<Line[]> {
      const lines: Line[] = [];
      const filterPattern = `{ $.action = "${action}" }`;
      for await (const page of paginateFilterLogEvents(
        { client: logs },
        { logGroupName, filterPattern },
      )) {
        lines.push(...(page.events ?? []).flatMap((event) => lineIn(event) ?? []));
      }
      return lines
        .filter((line) => line.action === action)
        .toSorted((first, second) => first.recordedAt.localeCompare(second.recordedAt));
    },
  };
}

/** @see createOperatorsLog */
export type OperatorsLog = ReturnType<typeof createOperatorsLog>;
