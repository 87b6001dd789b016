import type { Period, TimelineInterval } from "../client/history/timeline.ts";
import { hoursOf, intervalLabel, patternsOf, wasAvailable } from "./day.ts";
import { channelLabel, formatClock, formatDuration, formatHour } from "./format.ts";

interface DayBarProps {
  readonly day: Period;
  readonly intervals: readonly TimelineInterval[];
  readonly channels: readonly string[];
}

interface Segment extends Period {
  readonly className: string;
  readonly label: string;
}

/** Merges adjacent segments that look the same. */
function joinAdjacent(segments: readonly Segment[]): Segment[] {
  const list: Segment[] = [];
  for (const segment of segments) {
    const last = list.at(-1);
    if (last?.to === segment.from && last.label === segment.label) {
      list[list.length - 1] = { ...last, to: segment.to };
    } else {
      list.push(segment);
    }
  }
  return list;
}

function statusSegments(intervals: readonly TimelineInterval[]): Segment[] {
  const patterns = patternsOf(intervals);
  return intervals.map((interval) => {
    const { from, to, status, unknown } = interval;
    const className = unknown ? "unknown" : `pattern-${patterns.get(status?.id) ?? 0}`;
    return { from, to, className, label: intervalLabel(interval) };
  });
}

function channelSegments(intervals: readonly TimelineInterval[], channel: string): Segment[] {
  return intervals.flatMap((interval) => {
    const { from, to, unknown } = interval;
    if (unknown) {
      return [{ from, to, className: "unknown", label: "Unknown" }];
    }
    return wasAvailable(interval, channel)
      ? [{ from, to, className: "available", label: "Available" }]
      : [];
  });
}

const formatPercent = (part: number, whole: number) => `${(100 * part) / whole}%`;

interface LaneProps {
  readonly label: string;
  readonly day: Period;
  readonly segments: readonly Segment[];
}

function Lane({ label, day, segments }: LaneProps) {
  const length = day.to - day.from;
  return (
    <div class="lane">
      <span class="lane-label">{label}</span>
      <div class="track">
        {joinAdjacent(segments).map((segment) => (
          <span
            key={segment.from}
            class={`segment ${segment.className}`}
            title={`${segment.label}, ${formatClock(segment.from)}, ${formatDuration(segment.to - segment.from)}`}
            style={{
              left: formatPercent(segment.from - day.from, length),
              width: formatPercent(segment.to - segment.from, length),
            }}
          />
        ))}
      </div>
    </div>
  );
}

/** The day as bars: one for the status and one for each channel. The tables below contain the same data as text. */
export function DayBar({ day, intervals, channels }: DayBarProps) {
  return (
    <div class="day-bar" aria-hidden="true">
      <Lane label="Status" day={day} segments={statusSegments(intervals)} />
      {channels.map((channel) => (
        <Lane
          key={channel}
          label={channelLabel(channel)}
          day={day}
          segments={channelSegments(intervals, channel)}
        />
      ))}
      <div class="lane">
        <span class="lane-label" />
        <div class="hours">
          {hoursOf(day).map((hour) => (
            <span key={hour} style={{ left: formatPercent(hour - day.from, day.to - day.from) }}>
              {formatHour(hour)}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}
