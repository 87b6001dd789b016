import { effectiveLogin } from "./expected-agents.ts";
import { isGap, occurredAtOf } from "./expected-events.ts";
import type { ExpectedItem } from "./expected-item.ts";
import { canonicalJson, compact, type Json, asObject } from "./json.ts";

/** A write of the reference model that counts as a version. */
export interface ExpectedChange {
  /** `{accountId}/{availabilityId}`. */
  readonly key: string;
  /** The item before; absent if nothing or a tombstone was stored. */
  readonly before: ExpectedItem | undefined;
  readonly after: ExpectedItem;
}

/** A period in epoch milliseconds. The end is excluded. */
export interface ExpectedPeriod {
  readonly from: number;
  readonly to: number;
}

export interface ExpectedInterval extends ExpectedPeriod {
  readonly state: Json;
}

/** The expected state of an item from a point in time. */
interface Point {
  readonly at: number;
  readonly shown: ExpectedItem | "unknown" | "none";
}

/** The keys of a person's items. */
export interface PersonKeys {
  readonly availability: string;
  readonly user: string;
  readonly session: string;
}

const UNKNOWN_STATE: Json = { channels: {}, unknown: true };
const DAY_MS = 86_400_000;

const isTombstone = (item: ExpectedItem) => item["removedAt"] !== undefined;
const isSession = (item: ExpectedItem) => String(item["availabilityId"]).startsWith("session:");

/** Returns whether the history must contain a write: every write except a tombstone where nothing was stored. */
export const isInHistory = ({ before, after }: ExpectedChange): boolean =>
  before !== undefined || !isTombstone(after);

function timeOf(after: ExpectedItem): number {
  const time = isSession(after) ? after["updatedAt"] : (after["removedAt"] ?? occurredAtOf(after));
  return Date.parse(String(time));
}

const BEGINNING: Point = { at: Number.NEGATIVE_INFINITY, shown: "none" };

/** Returns the point of a write. A removal counts as later than the last write, even if its clock is behind. */
const pointOf = (after: ExpectedItem, last: Point): Point =>
  isTombstone(after)
    ? { at: Math.max(timeOf(after), last.at + 1), shown: "none" }
    : { at: timeOf(after), shown: after };

/** Returns the points of an item. Before a write with a gap, the state is unknown since the previous write. */
function pointsOf(writes: readonly ExpectedChange[], key: string): Point[] {
  const points: Point[] = [BEGINNING];
  for (const { before, after } of writes.filter((write) => write.key === key)) {
    const last = points.at(-1) ?? BEGINNING;
    if (!isTombstone(after) && !isSession(after) && isGap(before, after)) {
      points[points.length - 1] = { at: last.at, shown: "unknown" };
    }
    points.push(pointOf(after, last));
  }
  return points;
}

const shownAt = (points: readonly Point[], time: number) =>
  points.findLast(({ at }) => at <= time)?.shown ?? "none";

function stateOf(item: Point["shown"], session: Point["shown"]): Json {
  if (typeof item === "string") {
    return UNKNOWN_STATE;
  }
  const { id, name } = asObject(item["status"]);
  const channels = Object.entries(asObject(item["channels"])).map(
    ([channel, entry]): [string, unknown] => [channel, asObject(entry)["available"]],
  );
  return compact({
    status: id === undefined ? undefined : compact({ id, name }),
    loggedIn: effectiveLogin(item, typeof session === "string" ? undefined : session),
    channels: compact(Object.fromEntries(channels)),
    unknown: false,
  });
}

/**
 * Returns a person's expected history according to docs/use/history.md: intervals that cover the period.
 *
 * @param writes the counted writes of the reference model, in their order.
 * @param isJoined whether the hub can assign the logins to the person.
 */
export function expectedHistory(
  writes: readonly ExpectedChange[],
  { availability, user, session }: PersonKeys,
  isJoined: boolean,
  { from, to }: ExpectedPeriod,
): ExpectedInterval[] {
  const own = pointsOf(writes, availability);
  const [userPoints, logins] = [user, session].map((key) => pointsOf(isJoined ? writes : [], key));
  const times = [own, userPoints, logins]
    .flatMap((points = []) => points.map(({ at }) => at))
    .filter((at) => at > from && at < to);
  const edges = [...new Set([from, ...times])].toSorted((one, other) => one - other);
  const intervals: ExpectedInterval[] = [];
  for (const [index, at] of edges.entries()) {
    const item = shownAt(own, at);
    const shown = item === "none" ? shownAt(userPoints ?? [], at) : item;
    const state = stateOf(shown, shownAt(logins ?? [], at));
    const end = edges[index + 1] ?? to;
    const last = intervals.at(-1);
    if (last !== undefined && canonicalJson(last.state) === canonicalJson(state)) {
      intervals[intervals.length - 1] = { ...last, to: end };
    } else {
      intervals.push({ from: at, to: end, state });
    }
  }
  return intervals;
}

function sumsOf(intervals: readonly ExpectedInterval[], namesOf: (state: Json) => string[]): Json {
  const sums = new Map<string, number>();
  for (const { from, to, state } of intervals) {
    for (const name of namesOf(state)) {
      sums.set(name, (sums.get(name) ?? 0) + to - from);
    }
  }
  return Object.fromEntries(sums);
}

/** Returns the expected milliseconds of each UTC day: per status ID, per open channel, logged in and unknown. */
export function expectedDays(intervals: readonly ExpectedInterval[]): Json[] {
  const [from = 0, to = 0] = [intervals[0]?.from, intervals.at(-1)?.to];
  const days: Json[] = [];
  for (let day = from - (from % DAY_MS); day < to; day += DAY_MS) {
    const parts = intervals
      .map(({ state, ...part }) => ({
        state,
        from: Math.max(part.from, day),
        to: Math.min(part.to, day + DAY_MS),
      }))
      .filter((part) => part.from < part.to);
    const known = parts.filter(({ state }) => state["unknown"] === false);
    const total = (name: string) =>
      parts.reduce((sum, part) => sum + (part.state[name] === true ? part.to - part.from : 0), 0);
    days.push({
      statuses: sumsOf(known, ({ status }) => [String(asObject(status)["id"])]),
      channels: sumsOf(known, ({ channels }) =>
        Object.entries(asObject(channels)).flatMap(([name, isOpen]) =>
          isOpen === true ? [name] : [],
        ),
      ),
      loggedIn: total("loggedIn"),
      unknown: total("unknown"),
    });
  }
  return days;
}
