import { knownChannels } from "../../functions/availability/change.ts";
import { SOURCE } from "../../functions/availability/events.ts";
import { ConsumerError } from "./consumer-error.ts";
import {
  type ChannelFilter,
  type EventName,
  type EventSelection,
  type FilterName,
  filtersOf,
  type StatusFilter,
} from "./filters.ts";

/** The version of the events' fields that these filters speak of. */
const SCHEMA_VERSION = 1;

/** What a rule's pattern may be long at most; from `DEFAULT_LENGTH` on the account's quota has to be raised. */
const MOST_LENGTH = 4096;
const DEFAULT_LENGTH = 2048;

/** An EventBridge event pattern, as JSON. */
export interface Pattern {
  readonly source: readonly string[];
  readonly "detail-type": readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

const allFilters = new Set<FilterName>(Object.values(filtersOf).flat());

function namesOf({ events }: EventSelection): readonly EventName[] {
  const names = typeof events === "string" ? [events] : events;
  if (names.length === 0) {
    throw new ConsumerError(
      `events is an empty list, which no event would pass; ${listed(Object.keys(filtersOf))} are allowed`,
    );
  }
  for (const name of names) {
    if (!Object.hasOwn(filtersOf, name)) {
      throw new ConsumerError(
        `events: ${JSON.stringify(name)} is no event; ${listed(Object.keys(filtersOf))} are allowed`,
      );
    }
  }
  return names;
}

const listed = (names: readonly string[]) => names.join(", ");

/** A filter that one of the events lacks would keep all of that event out, and nobody would notice. */
function refuseSenseless(names: readonly EventName[], selection: EventSelection): void {
  const known = names.map((name): readonly FilterName[] => filtersOf[name]);
  const allowed = [...allFilters].filter((filter) => known.every((its) => its.includes(filter)));
  const given = [...allFilters].filter((filter) => selection[filter] !== undefined);
  const senseless = given.find((filter) => !allowed.includes(filter));
  if (senseless !== undefined) {
    throw new ConsumerError(
      `${senseless} makes no sense for ${listed(names)}: ${listed(allowed)} are allowed; for events with other filters, make another rule`,
    );
  }
}

const isText = (value: unknown): value is string =>
  typeof value === "string" && value.trim() !== "";

/** The values of a list of texts, which must be there, and be texts: a number would match nothing. */
function texts(filter: FilterName, values: readonly unknown[]): string[] {
  if (values.length === 0) {
    throw new ConsumerError(
      `${filter} is an empty list, which no event would pass; leave it out to let all pass`,
    );
  }
  return values.map((value) => {
    if (!isText(value)) {
      throw new ConsumerError(
        `${filter}: ${JSON.stringify(value)} is no text, and would match nothing; a string that is not empty is allowed`,
      );
    }
    return value;
  });
}

function list(filter: FilterName, values: readonly string[] | undefined): string[] | undefined {
  return values && texts(filter, values);
}

/** By name, by id, or by either. */
function status(filter: FilterName, values: readonly StatusFilter[] | undefined) {
  if (values === undefined) {
    return undefined;
  }
  texts(
    filter,
    values.map((value) => (typeof value === "string" ? value : value.id)),
  );
  const name = values.filter((value) => typeof value === "string");
  const id = values.flatMap((value) => (typeof value === "string" ? [] : [value.id]));
  if (name.length > 0 && id.length > 0) {
    return { $or: [{ name }, { id }] };
  }
  return name.length > 0 ? { name } : { id };
}

function channels(values: readonly ChannelFilter[] | undefined): string[] | undefined {
  const unknown = values?.find(
    (value) => typeof value === "string" && !knownChannels.includes(value),
  );
  if (unknown !== undefined) {
    throw new ConsumerError(
      `channels: ${JSON.stringify(unknown)} is no channel that the hub knows; ${listed(knownChannels)} are allowed, and { name: "..." } for another`,
    );
  }
  return list(
    "channels",
    values?.map((value) => (typeof value === "string" ? value : value.name)),
  );
}

const flag = (value: boolean | undefined) => (value === undefined ? undefined : [value]);

/** An object without what is undefined; undefined when nothing is left. */
function kept(fields: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function detailOf(selection: EventSelection): Record<string, unknown> {
  const { accounts, agents, changed, inStatus, toStatus, fromStatus } = selection;
  return {
    metadata: { schemaVersion: [SCHEMA_VERSION] },
    ...kept({
      accountId: list("accounts", accounts),
      agent: kept({ availabilityId: list("agents", agents) }),
      changed: list("changed", changed),
      status: status("toStatus", toStatus) ?? status("inStatus", inStatus),
      channel: channels(selection.channels),
      available: flag(selection.available),
      previous: kept({
        status: status("fromStatus", fromStatus),
        available: flag(selection.wasAvailable),
      }),
    }),
  };
}

/**
 * The EventBridge pattern that lets these events pass, for a rule of one's own, a pipe or the console.
 * It is tied to schema version 1, so that a later version, which comes beside this one, changes nothing.
 *
 * @throws ConsumerError with a sentence when no event could pass: an empty list, a filter that makes no
 *   sense for the events, a pattern longer than EventBridge takes.
 */
export function patternOf(selection: EventSelection): Pattern {
  const names = namesOf(selection);
  refuseSenseless(names, selection);
  const pattern = { source: [SOURCE], "detail-type": names, detail: detailOf(selection) };
  const { length } = JSON.stringify(pattern);
  if (length > MOST_LENGTH) {
    throw new ConsumerError(
      `the rule's pattern has ${length} characters, and EventBridge takes ${MOST_LENGTH}; make several rules with fewer values each`,
    );
  }
  return pattern;
}

/** Whether the pattern is longer than an account's quota allows before it is raised. */
export function needsQuota(pattern: Pattern): boolean {
  return JSON.stringify(pattern).length > DEFAULT_LENGTH;
}
