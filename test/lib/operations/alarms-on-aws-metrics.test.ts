import { describe, expect, it } from "@jest/globals";

import { inputsOf, stateAt } from "./evaluate.ts";
import { alarm, alarms, DAY, every, HOUR, identitiesOf, MINUTE, WEDNESDAY } from "./faults.ts";

/**
 * For each alarm: the metric, seconds between data points, seconds until it fires, seconds until it clears, the
 * largest value that is allowed, and the smallest that is not.
 */
const cases: readonly (readonly [
  name: string,
  metric: string,
  interval: number,
  fires: number,
  clears: number,
  allowed: number,
  breaching: number,
])[] = [
  ["UnauthenticatedRequestsHigh", "4xx", 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 300, 301],
  ["RequestsFailing", "5xx", 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 0, 1],
  ["EventsLate", "IteratorAge", MINUTE, 3 * MINUTE, 10 * MINUTE, 60_000, 60_001],
  [
    "DeadLettersWaiting",
    "ApproximateNumberOfMessagesVisible",
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    0,
    1,
  ],
  ["DeadLettersExpiring", "ApproximateNumberOfMessagesVisible", HOUR, 7 * DAY, 3 * HOUR, 0, 1],
  [
    "RecordsNotPublished",
    "OnFailureDestinationDeliveredEventCount",
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    0,
    1,
  ],
  ["FailedRecordsWaiting", "NumberOfObjects", DAY, DAY, 4 * DAY, 0, 1],
  ["RecordsLost", "DroppedEventCount", MINUTE, 5 * MINUTE, 15 * MINUTE, 0, 1],
  [
    "EventsNotForwarded",
    "ApproximateNumberOfMessagesVisible",
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    0,
    1,
  ],
  ["RequestVolumeHigh", "Count", HOUR, 2 * HOUR, 3 * HOUR, 2520, 2521],
  ["GradualDeployIngestErrors", "Errors", MINUTE, 2 * MINUTE, 5 * MINUTE, 0, 1],
  ["GradualDeployPublisherErrors", "Errors", MINUTE, 5 * MINUTE, 10 * MINUTE, 0, 1],
  ["GradualDeployPublisherDelayed", "IteratorAge", MINUTE, 5 * MINUTE, 5 * MINUTE, 60_000, 60_001],
];

describe("an alarm on an AWS metric", () => {
  it.each(cases)(
    "%s fires while %s is over its threshold, then clears",
    (...[name, metric, interval, fires, clears, allowed, breaching]) => {
      const end = WEDNESDAY + 8 * DAY;
      const values = (value: number) =>
        every(interval, end - fires, end).map((at) => ({ at, [metric]: value }));

      expect(inputsOf(alarm(name)).map(({ MetricName: each }) => each)).toEqual([metric]);
      expect(stateAt(alarm(name), values(allowed), end)).toBe("OK");
      expect(stateAt(alarm(name), values(breaching), end - fires)).toBe("OK");
      expect(stateAt(alarm(name), values(breaching), end)).toBe("ALARM");
      expect(stateAt(alarm(name), values(breaching), end + clears)).toBe("OK");
    },
  );

  it("DeadLettersExpiring does not fire if the queue was empty within the week", () => {
    const hours = every(HOUR, WEDNESDAY, WEDNESDAY + 8 * DAY);
    const queue = hours.map((at) => ({
      at,
      ApproximateNumberOfMessagesVisible: at === WEDNESDAY + 2 * DAY ? 0 : 3,
    }));

    expect(stateAt(alarm("DeadLettersExpiring"), queue, WEDNESDAY + 8 * DAY)).toBe("OK");
  });

  it("is tested here if all its metrics are AWS metrics", () => {
    const all = Object.keys(alarms).filter((name) =>
      identitiesOf(alarm(name)).every((text) => text.startsWith("AWS/")),
    );

    expect(cases.map(([name]) => name).toSorted()).toEqual(all.toSorted());
  });
});
