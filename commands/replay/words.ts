import { minutesIn } from "./period.ts";
import type { Replay, Standing } from "./run.ts";
import { inWords } from "./time.ts";

/** What is about to be replayed. */
export function beginningWords({ name, archive, period }: Replay, rules: readonly string[]) {
  const { from, to } = period;
  const minutes = minutesIn(period);
  return [
    `Replays what was published from ${inWords(from)} until before ${inWords(to)} (${minutes.toLocaleString("en")} ${minutes === 1 ? "minute" : "minutes"})`,
    `of archive ${archive.name}, to ${rules.length === 1 ? "rule" : "rules"} ${rules.join(", ")}.`,
    `Its name, which is in every event of it: ${name}. Ctrl-C cancels it.`,
  ].join("\n");
}

const upTo = ({ replayedUpTo }: Standing) =>
  replayedUpTo ? `, up to events of ${replayedUpTo.toISOString().slice(0, 19)}Z` : "";

/** How far it is. */
export function progressWords(standing: Standing): string {
  return `${standing.state.toLowerCase()}${upTo(standing)}`;
}

/** How it ended. */
export function endWords(name: string, standing: Standing): string {
  const { state, reason } = standing;
  const why = reason === undefined ? "" : ` (${reason})`;
  return state === "COMPLETED"
    ? "Completed: every archived event of this time was sent to the rules."
    : `Replay ${name} ${state === "CANCELLED" ? "was cancelled" : "has failed"}${why}${upTo(standing)}. Running it again is safe: repeats carry the same ids.`;
}
