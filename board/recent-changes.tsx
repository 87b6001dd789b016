import type { Change } from "./changes.ts";
import { formatDuration } from "./format.ts";

interface RecentChangesProps {
  readonly changes: readonly Change[];
  readonly hasHistory: boolean;
  readonly now: number;
}

/** What changed while the page was open, and before if the stage keeps a history; newest first. */
export function RecentChanges({ changes, hasHistory, now }: RecentChangesProps) {
  return (
    <section class="recent-changes" aria-labelledby="recent-changes">
      <h2 id="recent-changes">Recent changes</h2>
      {changes.length === 0 ? (
        <p class="nothing">
          {hasHistory
            ? "No changes in the last 24 hours."
            : "No changes since you opened this page."}
        </p>
      ) : (
        <ol>
          {changes.map(({ key, agent, text, time }) => (
            <li key={key}>
              <span class="name" dir="auto">
                {agent}
              </span>{" "}
              {text}
              <span class="duration">{formatDuration(now - time)} ago</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
