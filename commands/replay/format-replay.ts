import { formatCount } from "../shared/count.ts";
import { formatMinute, minutesBetween } from "./minutes.ts";
import type { Replay, ReplayStatus } from "./run-replay.ts";

export function formatStart({ name, archive, period }: Replay, rules: readonly string[]): string[] {
  const { from, to } = period;
  return [
    `Replaying events published from ${formatMinute(from)} to ${formatMinute(to)} (exclusive; ${formatCount(minutesBetween(from, to), "minute")}),`,
    `from archive ${archive.name} to ${rules.length === 1 ? "rule" : "rules"} ${rules.join(", ")}.`,
    `Each event contains the replay's name, ${name}. Press Ctrl-C to cancel.`,
  ];
}

function formatPosition({ replayedUpTo }: ReplayStatus): string {
  return replayedUpTo
    ? `; events up to ${replayedUpTo.toISOString().slice(0, 19)}Z were replayed`
    : "";
}

/** Formats the state of a replay that has not ended. */
export function formatProgress(status: ReplayStatus): string {
  return `State: ${status.state.toLowerCase()}${formatPosition(status)}.`;
}

export function formatResult(name: string, status: ReplayStatus): string {
  const { state, reason } = status;
  if (state === "COMPLETED") {
    return "Completed. All archived events of the period were sent to the rules.";
  }
  const outcome = state === "CANCELLED" ? "was canceled" : "failed";
  const cause = reason === undefined ? "" : ` (${reason})`;
  return `Replay ${name} ${outcome}${cause}${formatPosition(status)}. You can run the command again: duplicates have the same IDs.`;
}
