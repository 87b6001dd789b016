import type { Change } from "./changes.ts";
import { formatDuration } from "./format.ts";

interface RecentChangesProps {
  readonly changes: readonly Change[];
  /** Whether `changes` includes those from before the page was opened. */
  readonly hasEarlier: boolean;
  readonly now: number;
}

/** The changes since the page was opened, and earlier ones if the stage keeps a history; newest first. */
export function RecentChanges({ changes, hasEarlier, now }: RecentChangesProps) {
  return (
    <section class="recent-changes" aria-labelledby="recent-changes">
      <h2 id="recent-changes">Recent changes</h2>
      {changes.length === 0 ? (
        <p class="nothing">
          {hasEarlier
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
