import type {
  HistoryFacts,
  HistoryRow,
  PositionedFacts,
} from "../../functions/availability/history.ts";

/** The facts of an item from a time on: `unknown` if changes are missing, `none` if the item does not exist. */
export interface ItemPoint {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly facts: HistoryFacts | "unknown" | "none";
}

/** The changes to one item that were read, and its current facts. */
export interface ItemHistory {
  /** In any order. A row may occur twice. */
  readonly rows: readonly HistoryRow[];
  /** The item's current facts; absent if `rows` ends before the newest change. */
  readonly current?: PositionedFacts | undefined;
}

type Step = Pick<HistoryRow, "before" | "after" | "gap"> & {
  readonly at: number;
  readonly epoch: number;
  readonly version: number;
};

const idOf = ({ epoch, version }: Pick<Step, "epoch" | "version">) => `${epoch}#${version}`;

const byVersion = (one: Step, other: Step) =>
  one.epoch - other.epoch || one.version - other.version;

/** Returns each change once, ordered by time. Changes within the same millisecond are ordered by version. */
function stepsOf(rows: readonly HistoryRow[]): Step[] {
  const steps = rows.map(({ occurredAt, ...row }): Step => ({
    ...row,
    at: Date.parse(occurredAt),
  }));
  const once = new Map(steps.map((step) => [idOf(step), step]));
  return [...once.values()].toSorted((one, other) => one.at - other.at || byVersion(one, other));
}

type Channels = HistoryFacts["channels"];

function changedChannels(state: Channels, before: Channels, after: Channels): Channels {
  const previous = new Map(Object.entries(before));
  const isRemoved = (name: string) => previous.has(name) && !Object.hasOwn(after, name);
  return Object.fromEntries([
    ...Object.entries(state).filter(([name]) => !isRemoved(name)),
    ...Object.entries(after).filter(([name, available]) => previous.get(name) !== available),
  ]);
}

function isSameStatus({ status: one }: HistoryFacts, { status: other }: HistoryFacts): boolean {
  return (["id", "name", "since"] as const).every((name) => one?.[name] === other?.[name]);
}

/** Returns the facts after a change. Only facts that differ between the change's two images are replaced. */
function factsAfter(
  state: HistoryFacts | undefined,
  { before, after }: Step,
): HistoryFacts | undefined {
  if (state === undefined || before === undefined || after === undefined) {
    return after;
  }
  const { loggedIn, statedAt } = before.statedAt === after.statedAt ? state : after;
  return {
    status: (isSameStatus(before, after) ? state : after).status,
    loggedIn,
    statedAt,
    channels: changedChannels(state.channels, before.channels, after.channels),
  };
}

/** Builds the points of an item by applying its changes one after the other. */
class TimelineBuilder {
  readonly points: ItemPoint[] = [];
  private state: HistoryFacts | undefined;
  private lastAt = Number.NEGATIVE_INFINITY;

  /** Adds the facts from a time on. Replaces an earlier point of the same time. Times never decrease. */
  private addPoint(at: number, facts: ItemPoint["facts"]): void {
    if (this.points.at(-1)?.at === at) {
      this.points.pop();
    }
    this.points.push({ at, facts });
  }

  /** Starts with the facts before the first change that was read. */
  constructor({ before }: Step, firstAt: number) {
    this.addPoint(Number.NEGATIVE_INFINITY, before ? "unknown" : "none");
    if (before !== undefined) {
      this.state = before;
      this.lastAt = Math.min(Date.parse(before.occurredAt), firstAt);
      this.addPoint(this.lastAt, before);
    }
  }

  /** Marks the time from the last step to `until` as unknown, because changes in between were missed. */
  private markUnknown(until: number): void {
    if (until > this.lastAt) {
      this.addPoint(this.lastAt, "unknown");
    }
  }

  /** Continues after a missing change: the facts in between are known only from the old image of this step. */
  private skipMissing(step: Step): void {
    if (step.before === undefined) {
      if (this.state !== undefined) {
        this.markUnknown(step.at);
      }
      return;
    }
    const since = Math.min(Math.max(this.lastAt, Date.parse(step.before.occurredAt)), step.at);
    this.markUnknown(since);
    this.state = step.before;
    if (!step.gap) {
      this.addPoint(since, step.before);
    }
  }

  apply(step: Step, isPreviousKnown: boolean): void {
    if (step.gap) {
      this.markUnknown(step.at);
    }
    if (!isPreviousKnown || step.before === undefined) {
      this.skipMissing(step);
    }
    this.state = factsAfter(this.state, step);
    this.lastAt = step.at;
    this.addPoint(step.at, this.state ?? "none");
  }
}

const isKnown = (before: PositionedFacts | undefined, knownIds: ReadonlySet<string>) =>
  before !== undefined && knownIds.has(idOf(before));

/** Returns a final step that changes nothing but reveals whether changes before it are missing. */
function finalStepOf(current: PositionedFacts): Step {
  return { at: Number.POSITIVE_INFINITY, ...current, before: current, after: current, gap: false };
}

/**
 * Returns all points of an item, from negative infinity on. Pure. The result does not depend on the order of the
 * rows, or on repeated rows.
 *
 * Each change sets only the facts that differ between its two images, so that a change that was stored late does not
 * reset a newer one. The time before a change with `gap`, and before a change whose predecessor is missing, is
 * unknown from the last known change on.
 */
export function itemTimeline({ rows, current }: ItemHistory): readonly ItemPoint[] {
  const stored = stepsOf(rows);
  const steps = [...stored, ...(current ? [finalStepOf(current)] : [])];
  const oldest = steps.toSorted(byVersion)[0];
  if (oldest === undefined) {
    return [{ at: Number.NEGATIVE_INFINITY, facts: "none" }];
  }
  const knownIds = new Set(stored.map(idOf));
  const [first = oldest] = steps;
  const builder = new TimelineBuilder(oldest, first.at);
  for (const step of steps) {
    builder.apply(step, step === oldest || isKnown(step.before, knownIds));
  }
  return builder.points;
}
