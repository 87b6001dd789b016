import type { Change } from "./changes.ts";
import { formatDuration } from "./format.ts";

/** What changed while the page was open, newest first. */
export function RecentChanges({ changes, now }: { changes: readonly Change[]; now: number }) {
  return (
    <section class="recent-changes" aria-labelledby="recent-changes">
      <h2 id="recent-changes">Recent changes</h2>
      {changes.length === 0 ? (
        <p class="nothing">No changes since you opened this page.</p>
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
