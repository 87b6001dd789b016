import type { UncoveredChannel } from "../functions/board/board-data.ts";
import { announcementsOf, type Limit } from "./alerts.ts";

interface AnnouncerProps {
  readonly uncovered: readonly UncoveredChannel[] | undefined;
  readonly overruns: readonly Limit[];
}

/** Announces each new alert to screen readers, once, when they are idle. */
export function Announcer({ uncovered = [], overruns }: AnnouncerProps) {
  return (
    <div class="visually-hidden" aria-live="polite" aria-atomic="false" aria-relevant="additions">
      {announcementsOf(uncovered, overruns).map(({ key, text }) => (
        <p key={key}>{text}</p>
      ))}
    </div>
  );
}
