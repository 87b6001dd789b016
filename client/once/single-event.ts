import type { AgentAvailabilityEvent } from "../events/event.ts";
import { EventError } from "../events/event-error.ts";
import { parseEvent } from "../events/parse-event.ts";
import { OnceError } from "./once-error.ts";

/** Returns the record of a queue's batch with one record, and any other input unchanged. */
function singleRecordOf(input: unknown): unknown {
  if (typeof input !== "object" || input === null || !("Records" in input)) {
    return input;
  }
  const records: readonly unknown[] = Array.isArray(input.Records) ? input.Records : [];
  if (records.length !== 1) {
    throw new OnceError(
      `the batch must contain exactly 1 record (got ${records.length}). Set batchSize of the event source mapping to 1, or call the middy handler for each record.`,
    );
  }
  return records[0];
}

/**
 * Returns the event in a function's input, which comes from a rule, a queue or a topic.
 *
 * @throws OnceError if the input is a batch of several records; EventError if it is not an event, or an event
 *   that this version of the package does not support.
 */
export function singleEventOf(input: unknown): AgentAvailabilityEvent {
  const parsed = parseEvent(singleRecordOf(input));
  if (parsed.kind === "unknown") {
    throw new EventError(
      `event type "${parsed.detailType}" with schema version ${parsed.schemaVersion ?? "unknown"} is not supported by this version of agent-availability-hub. Update the package, or exclude the event in the rule's pattern.`,
    );
  }
  return parsed.event;
}
