import { SOURCE } from "../../functions/availability/typed-event.ts";
import { ConsumerError } from "./consumer-error.ts";
import { eventNames } from "./event-names.ts";
import { type FilterDefinition, filterDefinitions } from "./filter-definitions.ts";
import { got } from "./filter-values.ts";
import type { EventName, EventSelection } from "./filters.ts";

/** The schema version of the fields that the filters match. */
const SCHEMA_VERSION = 1;

/** Maximum length of a rule's pattern, and the length from which an AWS account needs a higher quota. */
const MAX_LENGTH = 4096;
const DEFAULT_QUOTA = 2048;

/** An EventBridge event pattern, as JSON. */
export interface Pattern {
  readonly source: readonly string[];
  readonly "detail-type": readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

const definitions = new Map<string, FilterDefinition>(Object.entries(filterDefinitions));
const isEventName = (value: unknown): value is EventName =>
  eventNames.some((name) => name === value);
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function selectedEvents(events: unknown): readonly EventName[] {
  const values: readonly unknown[] = Array.isArray(events) ? events : [events];
  const names = values.filter(isEventName);
  if (values.length === 0 || names.length < values.length) {
    throw new ConsumerError(
      `events must be one or more of ${eventNames.join(", ")} ${got(events)}`,
    );
  }
  return names;
}

/** Returns the definition of a filter that all selected events have. */
function definitionOf(filter: string, events: readonly EventName[]): FilterDefinition {
  const isAllowed = ({ events: supported }: FilterDefinition) =>
    events.every((event) => supported.includes(event));
  const definition = definitions.get(filter);
  if (definition && isAllowed(definition)) {
    return definition;
  }
  const selected = events.join(", ");
  const allowed = [...definitions]
    .filter(([, each]) => isAllowed(each))
    .map(([name]) => name)
    .join(", ");
  throw new ConsumerError(
    definition
      ? `${filter} is not a filter of ${selected} (allowed: ${allowed}). Create a separate rule for the events that have this filter.`
      : `${filter} is not a filter; filters of ${selected}: ${allowed}`,
  );
}

/** Returns a copy of the fields with the value at the path. */
function withField(
  fields: Fields,
  [name = "", ...rest]: readonly string[],
  value: unknown,
): Fields {
  const inner = fields[name];
  const content = rest.length === 0 ? value : withField(isFields(inner) ? inner : {}, rest, value);
  return { ...fields, [name]: content };
}

/**
 * Rejects filters that require a value to equal its previous value: the events are published only if the value
 * changes. Statuses are compared by ID, since two statuses can have the same name.
 */
function rejectUnchanged(
  filter: string,
  value: unknown,
  previousFilter: string,
  previous: unknown,
): void {
  const [only = "", ...others] = new Set(
    [value, previous].flat().map((each) => JSON.stringify(each)),
  );
  const isName = only.startsWith('"');
  if (value !== undefined && previous !== undefined && others.length === 0 && !isName) {
    throw new ConsumerError(
      `${filter} and ${previousFilter} must differ (got ${only} for both). The event is published only if the value changes.`,
    );
  }
}

/**
 * Returns the EventBridge pattern that matches the selected events, for a rule or the console. It only
 * matches schema version 1, so that a later version, which is published beside this one, changes nothing.
 *
 * @throws ConsumerError if no event can match, if a filter is unknown or cannot be used with the events, or if
 *   the pattern is longer than EventBridge allows.
 */
export function patternOf(selection: EventSelection): Pattern {
  const { events, ...filters } = selection;
  const names = selectedEvents(events);
  let detail: Fields = { metadata: { schemaVersion: [SCHEMA_VERSION] } };
  for (const [filter, value] of Object.entries(filters)) {
    if (value !== undefined) {
      const { path, match } = definitionOf(filter, names);
      detail = withField(detail, path, match(filter, value, names));
    }
  }
  rejectUnchanged("available", selection.available, "wasAvailable", selection.wasAvailable);
  rejectUnchanged("covered", selection.covered, "wasCovered", selection.wasCovered);
  rejectUnchanged("toStatus", selection.toStatus, "fromStatus", selection.fromStatus);
  const pattern = { source: [SOURCE], "detail-type": names, detail };
  const { length } = JSON.stringify(pattern);
  if (length > MAX_LENGTH) {
    throw new ConsumerError(
      `the rule's pattern must be at most ${MAX_LENGTH} characters long (got ${length}). Create several rules with fewer values each.`,
    );
  }
  return pattern;
}

/** Returns whether the pattern is longer than an AWS account allows by default. */
export function exceedsDefaultQuota(pattern: Pattern): boolean {
  return JSON.stringify(pattern).length > DEFAULT_QUOTA;
}
