import { timesOf } from "../client/history/times.ts";
import type { TimelineInterval } from "../client/history/timeline.ts";
import { intervalLabel, patternsOf, wasAvailable } from "./day.ts";
import { channelLabel, formatClock, formatDuration, statusLabel } from "./format.ts";

interface DayTimesProps {
  readonly intervals: readonly TimelineInterval[];
}

interface TimeRowProps {
  readonly pattern?: string;
  readonly label: string;
  readonly milliseconds: number;
}

function TimeRow({ pattern, label, milliseconds }: TimeRowProps) {
  return (
    <tr>
      <th scope="row">
        {pattern !== undefined && <span class={`swatch segment ${pattern}`} aria-hidden="true" />}
        <span dir="auto">{label}</span>
      </th>
      <td>{formatDuration(milliseconds)}</td>
    </tr>
  );
}

/** A table of the time in each status, available on each channel, and logged in. */
export function DayTimes({ intervals }: DayTimesProps) {
  const { statuses, channels, loggedIn, unknown } = timesOf(intervals);
  const patterns = patternsOf(intervals);
  return (
    <div class="day-times">
      <table>
        <caption>Time per status</caption>
        <tbody>
          {statuses.map(({ id, name, milliseconds }) => (
            <TimeRow
              key={id}
              pattern={`pattern-${patterns.get(id) ?? 0}`}
              label={id === undefined ? "No status" : statusLabel({ status: { id, name } })}
              milliseconds={milliseconds}
            />
          ))}
          {unknown > 0 && <TimeRow pattern="unknown" label="Unknown" milliseconds={unknown} />}
        </tbody>
      </table>
      <table>
        <caption>Time available</caption>
        <tbody>
          {Object.entries(channels).map(([channel, milliseconds]) => (
            <TimeRow key={channel} label={channelLabel(channel)} milliseconds={milliseconds} />
          ))}
          <TimeRow label="Logged in" milliseconds={loggedIn} />
        </tbody>
      </table>
    </div>
  );
}

interface DayChangesProps extends DayTimesProps {
  readonly channels: readonly string[];
}

/** Returns the channels on which the agent was available. */
function availableText(interval: TimelineInterval, channels: readonly string[]): string {
  const open = channels.filter((channel) => wasAvailable(interval, channel));
  return open.length === 0 ? "None" : open.map(channelLabel).join(", ");
}

function loginText({ loggedIn }: TimelineInterval): string {
  if (loggedIn === undefined) {
    return "Unknown";
  }
  return loggedIn ? "Logged in" : "Logged out";
}

/** A table with a row for each interval of the day: the content of the bars as text. */
export function DayChanges({ intervals, channels }: DayChangesProps) {
  return (
    <table class="day-changes">
      <caption>The day in detail</caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Duration</th>
          <th scope="col">Status</th>
          <th scope="col">Available on</th>
          <th scope="col">Login</th>
        </tr>
      </thead>
      <tbody>
        {intervals.map((interval) => (
          <tr key={interval.from}>
            <td>{formatClock(interval.from)}</td>
            <td>{formatDuration(interval.to - interval.from)}</td>
            {interval.unknown ? (
              <td colSpan={3}>{intervalLabel(interval)}</td>
            ) : (
              <>
                <td dir="auto">{intervalLabel(interval)}</td>
                <td>{availableText(interval, channels)}</td>
                <td>{loginText(interval)}</td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
