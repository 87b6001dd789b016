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

/** An action that auditors may ask about later. Never contains a signing key, an API key or an agent's name. */
export interface AuditedAction {
  readonly action:
    | "account add"
    | "account rotate"
    | "account retire"
    | "account remove"
    | "account set"
    | "account connect"
    | "account disconnect"
    | "agent forget"
    | "reconcile"
    | "restore";
  readonly [detail: string]: string | number;
}

const entrySchema = z.object({
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

export type Outcome = "done" | "failed";

/** An entry of the audit log. The start entry and the final entry of an action have the same `id`. */
export interface AuditEntry extends z.infer<typeof entrySchema> {
  /** ISO 8601 UTC: CloudWatch Logs' time of receipt. `at` is by the operator's clock, which may be minutes off. */
  readonly recordedAt: string;
}

function parseEntry({ message, ingestionTime }: FilteredLogEvent): AuditEntry | undefined {
  try {
    const { data: entry } = entrySchema.safeParse(JSON.parse(message ?? ""));
    const recordedAt =
      ingestionTime === undefined ? entry?.at : new Date(ingestionTime).toISOString();
    return entry && { ...entry, recordedAt: recordedAt ?? entry.at };
  } catch {
    // The log group is an ordinary one: anybody can write other lines to it.
    return undefined;
  }
}

/** Creates the audit log of a stage: who changed what. It is a log group, retained for 13 months. */
export function createAuditLog(
  { logs, sts }: { readonly logs: CloudWatchLogsClient; readonly sts: STSClient },
  { logGroupName, stage }: { readonly logGroupName: string; readonly stage: string },
) {
  /** Each action has its own stream, so that operators who write at the same time do not interfere. */
  async function openStream(): Promise<(entry: object) => Promise<void>> {
    const id = randomUUID();
    const { Arn: by } = await sts.send(new GetCallerIdentityCommand({}));
    const logStreamName = `${new Date().toISOString().slice(0, 10)}/${id}`;
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    return async (entry) => {
      const at = new Date();
      const message = JSON.stringify({ id, at: at.toISOString(), by, stage, ...entry });
      const logEvents = [{ timestamp: at.getTime(), message }];
      const { rejectedLogEventsInfo: rejected } = await logs.send(
        new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }),
      );
      // The request succeeds, but entries that are days old or hours ahead are dropped.
      if (rejected !== undefined) {
        throw new CommandError(
          `CloudWatch Logs rejected the audit entry of ${at.toISOString()} (${Object.keys(rejected).join(", ")}). Set this computer's clock.`,
        );
      }
    };
  }

  return {
    /**
     * Runs an action between two entries. The first records the operator and the action, the second its
     * outcome.
     *
     * If the start entry cannot be written, the action does not run. If only the final entry cannot be
     * written, the action is not undone, since its result may be a key that is shown only once;
     * `onUnrecorded` is called with the outcome.
     */
    async record<Result>(
      action: AuditedAction,
      run: () => Promise<Result>,
      onUnrecorded: (error: unknown, outcome: Outcome) => void,
    ): Promise<Result> {
      const write = await openStream();
      const end = async (outcome: Outcome, more: object = {}) => {
        await write({ ...action, outcome, ...more }).catch((error: unknown) => {
          onUnrecorded(error, outcome);
        });
      };
      await write({ ...action, outcome: "started" });
      try {
        const result = await run();
        await end("done");
        return result;
      } catch (error) {
        await end("failed", { reason: error instanceof Error ? error.name : String(error) });
        throw error;
      }
    },

    /** Returns all entries of an action, in the order in which they were recorded. */
    async read(action: AuditedAction["action"]): Promise<AuditEntry[]> {
      const entries: AuditEntry[] = [];
      const filterPattern = `{ $.action = "${action}" }`;
      for await (const page of paginateFilterLogEvents(
        { client: logs },
        { logGroupName, filterPattern },
      )) {
        entries.push(...(page.events ?? []).flatMap((event) => parseEntry(event) ?? []));
      }
      return entries
        .filter((entry) => entry.action === action)
        .toSorted((first, second) => first.recordedAt.localeCompare(second.recordedAt));
    },
  };
}

export type AuditLog = ReturnType<typeof createAuditLog>;
