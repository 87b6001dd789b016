import type { BoardAgent, UncoveredChannel } from "../functions/board/board-data.ts";
import { countStatuses } from "./agents.ts";
import type { Limit } from "./alerts.ts";
import { AsOf } from "./as-of.tsx";
import { ChannelCards } from "./channel-cards.tsx";
import type { Change } from "./changes.ts";
import { OverrunList } from "./overrun-list.tsx";
import type { PollFailure, Reading } from "./poll.ts";
import { RecentChanges } from "./recent-changes.tsx";

interface WallboardProps {
  readonly reading: Reading | undefined;
  readonly failure: PollFailure | undefined;
  readonly agents: readonly BoardAgent[];
  readonly channels: readonly string[];
  readonly changes: readonly Change[];
  /** Whether `changes` includes those from before the page was opened. */
  readonly hasEarlier: boolean;
  /** Absent if supervision does not evaluate coverage. */
  readonly uncovered: readonly UncoveredChannel[] | undefined;
  readonly overruns: readonly Limit[];
  readonly now: number;
}

const MAX_STATUSES = 8;
const MAX_NAMES = 8;
const MAX_CHANGES = 6;

/** The board for a screen on the wall: large, dark, without controls. Escape exits it. */
export function Wallboard(props: WallboardProps) {
  const { reading, failure, agents, channels, changes, hasEarlier, now } = props;
  const { uncovered, overruns } = props;
  return (
    <main class="wallboard">
      <h1 class="visually-hidden">Agent availability</h1>
      <ChannelCards {...{ agents, channels, uncovered, now, maxNames: MAX_NAMES }} />
      <div class="wallboard-foot">
        <section aria-label="Agents by status">
          <ul class="status-counts">
            {countStatuses(agents)
              .slice(0, MAX_STATUSES)
              .map(({ status, count }) => (
                <li key={status}>
                  <strong>{count}</strong> <span dir="auto">{status}</span>
                </li>
              ))}
          </ul>
          <OverrunList overruns={overruns} now={now} />
        </section>
        <RecentChanges changes={changes.slice(0, MAX_CHANGES)} hasEarlier={hasEarlier} now={now} />
      </div>
      <AsOf reading={reading} failure={failure} now={now} />
    </main>
  );
}
