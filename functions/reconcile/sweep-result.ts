import * as z from "zod";

import { accountId } from "./message.ts";

/**
 * The request and the response of a sweep that an operator runs: the `reconcile` command invokes the function
 * directly and waits. They contain IDs and names of statuses, but no names or email addresses of agents.
 */
export const sweepRequestSchema = z.object({
  kind: z.literal("sweep now"),
  accountId,
  /** Compares, but writes nothing. */
  isDryRun: z.boolean(),
});

export type SweepRequest = z.output<typeof sweepRequestSchema>;

/** The actions of a sweep. A removal still needs Freshdesk's confirmation. */
const actions = ["repair", "create", "merge", "forget", "remove"] as const;

const differenceSchema = z.object({
  action: z.enum(actions),
  /** The sort key; absent if the action affects several items. */
  availabilityId: z.string().optional(),
  userId: z.string().optional(),
  /** The fact that differs; absent if the action affects the whole item. */
  field: z.string().optional(),
  stored: z.string().optional(),
  freshdesk: z.string().optional(),
});

/** One fact that differs, or one item that is missing or superfluous. */
export type Difference = z.output<typeof differenceSchema>;

export const sweepResultSchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("swept"),
    /** Whether the list of agents was read to its end. */
    isComplete: z.boolean(),
    /** Agents that were compared, and those whose last change is too recent. */
    checked: z.number(),
    recent: z.number(),
    differences: z.array(differenceSchema),
    /** Differences that do not fit into the response. */
    omitted: z.number(),
    /** Numbers of items written, by kind, and of `overtaken` items, which were not; absent after a dry run. */
    written: z.record(z.string(), z.number()).optional(),
  }),
  /** The function ran out of time. The next sweep continues after the pages that have been read. */
  z.object({ outcome: z.literal("unfinished"), pagesRead: z.number() }),
  /** Another sweep of the account is running. */
  z.object({ outcome: z.literal("running") }),
  /** The stage has no API key for the account. */
  z.object({ outcome: z.literal("not connected") }),
  /** Freshdesk failed, or its rate limit is used up. Earlier writes stay. */
  z.object({ outcome: z.literal("failed"), error: z.string() }),
]);

export type SweepResult = z.output<typeof sweepResultSchema>;
