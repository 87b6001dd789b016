import { commandLine } from "../shared/arguments.ts";
import { formatTable } from "../shared/table.ts";
import type { ForgetReport } from "./forget.ts";
import { type Copy, lastCopyUntil } from "./remaining-copies.ts";

const formatUntil = ({ until, failure }: Copy) =>
  (until ?? "until it is deleted manually") +
  (failure === undefined ? "" : ` (the stack's default, because the request failed: ${failure})`);

export function formatForgetReport(report: ForgetReport, stage: string): string[] {
  const { accountId, availabilityId, items, outcome, removedAt, tombstoneExpiresAt, copies } =
    report;
  const last = lastCopyUntil(copies);
  return [
    outcome === "already-forgotten"
      ? `Agent ${availabilityId} of account ${accountId} was already forgotten on ${removedAt} (stage ${stage}).`
      : `Forgot agent ${availabilityId} of account ${accountId} on ${removedAt} (stage ${stage}).`,
    ...(outcome === "already-forgotten"
      ? [
          `If its history remains, delete it with: ${commandLine(`agent forget ${accountId} ${availabilityId} --exact`, stage)}`,
        ]
      : []),
    ...(items.length > 1 ? [`Forgotten items: ${items.join(", ")}.`] : []),
    `A tombstone without personal data blocks late deliveries until about ${tombstoneExpiresAt}. An event raised after the removal creates the agent again. If that happens, run the command again.`,
    "",
    "Copies that may remain:",
    "",
    ...formatTable(
      ["until", "where", "content"],
      copies.map((copy) => [formatUntil(copy), copy.where, copy.holds]),
    ),
    "",
    last === null
      ? "At least one of these copies has no expiry. Delete it manually."
      : `The last copy is deleted on ${last.slice(0, 10)}.`,
    "Logs contain IDs only. This report does not cover events stored by consumers, tables restored from a backup or exported to S3, or Freshdesk itself.",
  ];
}
