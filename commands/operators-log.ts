import { randomUUID } from "node:crypto";

import {
  type CloudWatchLogsClient,
  CreateLogStreamCommand,
  paginateFilterLogEvents,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import * as z from "zod";

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
});

/** A line of the record; both lines of a deed have its `id`. */
export type Line = z.infer<typeof lineSchema>;

function lineIn(message: string | undefined): Line | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(message ?? "")).data;
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
      await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    };
  }

  return {
    /**
     * Does something on the record: a line before it, with who does what, and one with how it ended.
     *
     * What cannot be recorded is not done. When only the end cannot be, what was done stands, and
     * `onUnrecorded` is told: the result may be a key that is shown nowhere else.
     */
    async keep<Result>(
      deed: Deed,
      run: () => Promise<Result>,
      onUnrecorded: (error: unknown) => void,
    ): Promise<Result> {
      const write = await openStream();
      const end = async (outcome: object) => {
        await write({ ...deed, ...outcome }).catch(onUnrecorded);
      };
      await write({ ...deed, outcome: "begun" });
      try {
        const result = await run();
        await end({ outcome: "done" });
        return result;
      } catch (error) {
        await end({
          outcome: "failed",
          reason: error instanceof Error ? error.name : String(error),
        });
        throw error;
      }
    },

    /** All lines of an action, oldest first. */
    async read(action: Deed["action"]): Promise<Line[]> {
      const lines: Line[] = [];
      const filterPattern = `{ $.action = "${action}" }`;
      for await (const page of paginateFilterLogEvents(
        { client: logs },
        { logGroupName, filterPattern },
      )) {
        lines.push(...(page.events ?? []).flatMap(({ message }) => lineIn(message) ?? []));
      }
      return lines.filter((line) => line.action === action);
    },
  };
}

/** @see createOperatorsLog */
export type OperatorsLog = ReturnType<typeof createOperatorsLog>;
