import type { ColdStart } from "./cold.ts";
import type { Turns } from "./measure.ts";
import type { ColdBuilds, Size } from "./builds.ts";
import { lowerQuartile } from "./statistics.ts";
import type { Throttled } from "./throttled.ts";

/** The measurements of one run. */
export interface Measured {
  readonly cold: Readonly<Record<keyof ColdBuilds, ColdStart>>;
  readonly warm: Turns;
  readonly tenRecords: Turns;
  readonly hundredRecords: Turns;
  /** A hundred records, and a bus that needs 15 ms for each response. */
  readonly slowBus: Turns;
  readonly sizes: Readonly<Record<"ingest" | "publisher", Size>>;
  /** Ingest with its share of a core; absent if control groups are not available. */
  readonly throttled?: Throttled | undefined;
}

/** Memory of the deployed ingest function. */
export const INGEST_MB = 512;

/** One comparison and its goal. */
interface Finding {
  readonly comparison: string;
  readonly measured: number;
  readonly goal: number;
}

function ratio(turns: Turns, name: string, baseline: string, time: "cpu" | "wall" = "cpu"): number {
  const typical = (each: string) => lowerQuartile((turns[each] ?? []).map((turn) => turn[time]));
  return typical(name) / typical(baseline);
}

const bootAndInit = ({ boot, init }: ColdStart) => boot + init;
const initAndFirst = ({ init, first }: ColdStart) => init + first;

/** Compares the measurements with the goals. Both values of a ratio are from the same run. */
export function findingsOf(measured: Measured): Finding[] {
  const { cold, warm, tenRecords, hundredRecords, slowBus, sizes, throttled } = measured;
  const { empty, cdkDefault, ingest, prewarmed, publisher } = cold;
  return [
    { comparison: "ingest loads at start, KiB", measured: sizes.ingest.kib, goal: 345 },
    { comparison: "ingest loads at start, KiB gzipped", measured: sizes.ingest.gzipped, goal: 96 },
    { comparison: "publisher loads at start, KiB", measured: sizes.publisher.kib, goal: 175 },
    {
      comparison: "publisher loads at start, KiB gzipped",
      measured: sizes.publisher.gzipped,
      goal: 56,
    },
    {
      comparison: "ingest, not prewarmed: boot and init / empty function",
      measured: bootAndInit(ingest) / bootAndInit(empty),
      goal: 2.7,
    },
    {
      comparison: "ingest, prewarmed: boot and init / empty function",
      measured: bootAndInit(prewarmed) / bootAndInit(empty),
      goal: 4.1,
    },
    {
      comparison: "ingest, not prewarmed: init and first call / CDK's default bundle",
      measured: initAndFirst(ingest) / initAndFirst(cdkDefault),
      goal: 0.65,
    },
    {
      comparison: "ingest: first call, prewarmed / not",
      measured: prewarmed.first / ingest.first,
      goal: 0.4,
    },
    {
      comparison: "publisher: boot and init / empty function",
      measured: bootAndInit(publisher) / bootAndInit(empty),
      goal: 2.3,
    },
    {
      comparison: "warm ingest / the SDK's bare send of its write",
      measured: ratio(warm, "ingest", "bare"),
      goal: 1.5,
    },
    {
      comparison: "warm ingest without SDK calls / warm ingest",
      measured: ratio(warm, "ownCode", "ingest"),
      goal: 0.08,
    },
    ...(throttled
      ? [
          {
            comparison: `ingest with ${INGEST_MB} MB, prewarmed, elapsed time: first call / warm call`,
            measured: throttled.first / throttled.warm,
            goal: 10,
          },
        ]
      : []),
    {
      comparison: "publisher, 100 records / one PutEvents a record",
      measured: ratio(hundredRecords, "chunked", "oneByOne"),
      goal: 0.28,
    },
    {
      comparison: "publisher, 10 records / one PutEvents a record",
      measured: ratio(tenRecords, "chunked", "oneByOne"),
      goal: 0.4,
    },
    {
      comparison: "publisher, 100 records, 15 ms a call, elapsed time / one call after the other",
      measured: ratio(slowBus, "chunked", "serial", "wall"),
      goal: 0.3,
    },
  ];
}

/** Formats a finding as a row: comparison, measured, goal, and whether the goal is met. */
export function rowOf({ comparison, measured, goal }: Finding): string[] {
  const margin = (measured / goal - 1) * 100;
  return [
    comparison,
    measured.toFixed(2),
    goal.toFixed(2),
    measured <= goal ? "met" : `missed by ${margin.toFixed(0)}%`,
  ];
}
