import type { ReceivedEvent } from "./listener.ts";
import { object } from "./json.ts";
import type { ResponseCheck } from "./response-check.ts";

/** What happened on the day. */
export interface DayResult {
  /** Deliveries by Freshworks. */
  readonly deliveries: number;
  /** How many events the relay parked. */
  readonly parked: number;
  readonly responses: ResponseCheck;
  readonly received: readonly ReceivedEvent[];
  readonly differences: readonly string[];
}

function typeLines(received: readonly ReceivedEvent[]): string[] {
  const byType = Map.groupBy(received, ({ "detail-type": type }) => type);
  return [...byType].map(([type, events]) => `    ${String(events.length).padStart(4)}  ${type}`);
}

function verdict(differences: readonly string[]): string {
  if (differences.length === 0) {
    return "Every agent and every event is as expected.";
  }
  const shown = differences.slice(0, 5).map((each) => `  - ${each}`);
  return [`${differences.length} differences from the expected result:`, ...shown].join("\n");
}

/** Formats the day's result for the terminal. */
export function formatSummary(result: DayResult): string {
  const { deliveries, parked, responses, received, differences } = result;
  const { model, outcomes } = responses;
  const gaps = received.filter(({ detail }) => object(detail["metadata"])["gap"] === true);
  const counts = ["applied", "duplicate", "stale"].map(
    (outcome) => `${outcomes.get(outcome) ?? 0} ${outcome}`,
  );
  return [
    "",
    "The sample day is over.",
    "",
    `  deliveries    ${deliveries} by Freshworks, of which ${parked} were parked for a time`,
    `  outcomes      ${counts.join(", ")}`,
    `  agents        ${model.items.size}`,
    `  events        ${received.length}, of which ${gaps.length} follow a gap`,
    ...typeLines(received),
    "",
    verdict(differences),
  ].join("\n");
}
