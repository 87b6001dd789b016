import type { Period } from "../../client/history/timeline.ts";

/** The longest calendar day has 25 hours: the one on which clocks are set back. */
const MAX_PERIOD_MS = 25 * 3_600_000;

const ISO_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

/** A request has an invalid query. The caller receives the message. */
export class InvalidQueryError extends Error {
  override readonly name = "InvalidQueryError";
}

/** The agent and the period that a history request selects. */
export interface HistoryQuery {
  readonly agentId: string;
  readonly period: Period;
}

const quote = (value: string | null) => (value === null ? "nothing" : JSON.stringify(value));

function parseTime(name: "from" | "to", query: URLSearchParams): number {
  const text = query.get(name);
  const milliseconds = text !== null && ISO_UTC.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw new InvalidQueryError(
      `${name} must be a time such as 2026-11-28T08:00:00Z (got ${quote(text)})`,
    );
  }
  return milliseconds;
}

/**
 * Parses the query of a history request.
 *
 * @throws InvalidQueryError
 */
export function parseHistoryQuery(query: URLSearchParams): HistoryQuery {
  const agentId = query.get("agent");
  if (agentId === null || !/^.{1,256}$/su.test(agentId)) {
    throw new InvalidQueryError(
      `agent must be an availability ID of at most 256 characters (got ${quote(agentId)})`,
    );
  }
  const period = { from: parseTime("from", query), to: parseTime("to", query) };
  const length = period.to - period.from;
  if (length <= 0 || length > MAX_PERIOD_MS) {
    throw new InvalidQueryError(
      `to must be after from, by at most 25 hours (got ${quote(query.get("from"))} and ${quote(query.get("to"))})`,
    );
  }
  return { agentId, period };
}
