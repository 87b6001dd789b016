import { columns } from "../columns.ts";
import { type Copy, lastOf } from "./copies.ts";

/** Who was forgotten where, and what remains. */
export interface Report {
  readonly accountId: string;
  readonly availabilityId: string;
  readonly outcome: "forgotten" | "earlier";
  readonly removedAt: string;
  readonly tombstoneExpiresAt: string;
  readonly copies: readonly Copy[];
}

const untilWords = ({ until, unasked }: Copy) =>
  (until ?? "until somebody deletes it") +
  (unasked === undefined ? "" : ` (as the stack sets it up; AWS did not say: ${unasked})`);

/** The report of a forgetting, for a person to read or file. */
export function reportWords(report: Report, stage: string): string {
  const { accountId, availabilityId, outcome, removedAt, tombstoneExpiresAt, copies } = report;
  const how = outcome === "earlier" ? "was forgotten already, at" : "is forgotten, since";
  const last = lastOf(copies);
  return [
    `Agent ${availabilityId} of account ${accountId} ${how} ${removedAt} (stage ${stage}).`,
    `The table holds ids, a count and the place of the last change until about ${tombstoneExpiresAt}, so that no late delivery of an older change brings the agent back. A newer one does, also one that the relay had parked: it creates the agent again, and has to be forgotten anew.`,
    "",
    "Copies that may remain, and until when:",
    "",
    columns(
      ["until", "where", "what"],
      copies.map((copy) => [untilWords(copy), copy.where, copy.holds]),
    ),
    "",
    last === null
      ? "At least one of them stays until somebody deletes it."
      : `The last of them is gone on ${last.slice(0, 10)}.`,
    "Logs hold ids only. Not the hub's: what consumers have kept of events, tables restored from a backup or exported to S3, and Freshdesk itself.",
  ].join("\n");
}
