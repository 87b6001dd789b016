import type { ColdStart } from "./cold.ts";
import type { Turns } from "./measure.ts";
import type { ColdBuilds, Size } from "./builds.ts";
import type { Throttled } from "./throttled.ts";

/** A quarter of the values are less: what other work on the machine adds falls on the upper ones. */
export function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)] ?? Number.NaN;
}

/** All that was measured in one run. */
export interface Measured {
  readonly cold: Readonly<Record<keyof ColdBuilds, ColdStart>>;
  readonly warm: Turns;
  readonly tenRecords: Turns;
  readonly hundredRecords: Turns;
  /** The hundred, with 15 ms for each answer of the bus. */
  readonly slowBus: Turns;
  readonly sizes: Readonly<Record<"ingest" | "publisher", Size>>;
  /** Ingest with the share of a core that its memory gives it; absent where that cannot be had. */
  readonly throttled?: Throttled | undefined;
}

/** What ingest is deployed with. */
export const INGEST_MB = 512;

/** What a comparison came to, and what it is held against. */
interface Finding {
  readonly what: string;
  readonly measured: number;
  readonly goal: number;
}

function ratio(turns: Turns, name: string, beside: string, of: "cpu" | "wall" = "cpu"): number {
  const middle = (each: string) => lowerQuartile((turns[each] ?? []).map((turn) => turn[of]));
  return middle(name) / middle(beside);
}

const bootAndInit = ({ boot, init }: ColdStart) => boot + init;
const initAndFirst = ({ init, first }: ColdStart) => init + first;

/** Each ratio is of two things that were measured in the same run. */
export function findingsOf(measured: Measured): Finding[] {
  const { cold, warm, tenRecords, hundredRecords, slowBus, sizes, throttled } = measured;
  const { empty, cdkDefault, ingest, prewarmed, publisher, raw } = cold;
  return [
    { what: "ingest loads at start, KiB", measured: sizes.ingest.kib, goal: 345 },
    { what: "ingest loads at start, KiB gzipped", measured: sizes.ingest.gzipped, goal: 96 },
    { what: "publisher loads at start, KiB", measured: sizes.publisher.kib, goal: 175 },
    { what: "publisher loads at start, KiB gzipped", measured: sizes.publisher.gzipped, goal: 56 },
    {
      what: "ingest, not prewarmed: boot and init / empty function",
      measured: bootAndInit(ingest) / bootAndInit(empty),
      goal: 2.7,
    },
    {
      what: "ingest, prewarmed: boot and init / empty function",
      measured: bootAndInit(prewarmed) / bootAndInit(empty),
      goal: 4.1,
    },
    {
      what: "ingest, not prewarmed: init and first call / CDK's default bundle",
      measured: initAndFirst(ingest) / initAndFirst(cdkDefault),
      goal: 0.65,
    },
    {
      what: "ingest, not prewarmed: init and first call / the same by hand",
      measured: initAndFirst(ingest) / initAndFirst(raw),
      goal: 2.5,
    },
    {
      what: "ingest: first call, prewarmed / not",
      measured: prewarmed.first / ingest.first,
      goal: 0.4,
    },
    {
      what: "publisher: boot and init / empty function",
      measured: bootAndInit(publisher) / bootAndInit(empty),
      goal: 2.3,
    },
    {
      what: "warm ingest / the SDK's bare send of its write",
      measured: ratio(warm, "ingest", "bare"),
      goal: 1.5,
    },
    {
      what: "warm ingest / a read and a write by hand",
      measured: ratio(warm, "ingest", "rawTwoCalls"),
      goal: 1.9,
    },
    {
      what: "warm ingest: without any call of the SDK / whole",
      measured: ratio(warm, "ownCode", "ingest"),
      goal: 0.08,
    },
    ...(throttled
      ? [
          {
            what: `ingest with ${INGEST_MB} MB, prewarmed, by the clock: first call / warm call`,
            measured: throttled.first / throttled.warm,
            goal: 10,
          },
        ]
      : []),
    {
      what: "publisher, 100 records / one PutEvents a record",
      measured: ratio(hundredRecords, "chunked", "oneByOne"),
      goal: 0.28,
    },
    {
      what: "publisher, 10 records / one PutEvents a record",
      measured: ratio(tenRecords, "chunked", "oneByOne"),
      goal: 0.4,
    },
    {
      what: "publisher, 100 records, 15 ms a call, by the clock / one call after the other",
      measured: ratio(slowBus, "chunked", "serial", "wall"),
      goal: 0.3,
    },
  ];
}

/** A row of the table: what, measured, goal, and whether it is met. */
export function rowOf({ what, measured, goal }: Finding): string[] {
  const margin = (measured / goal - 1) * 100;
  return [
    what,
    measured.toFixed(2),
    goal.toFixed(2),
    measured <= goal ? "met" : `missed by ${margin.toFixed(0)} %`,
  ];
}
