import { type ColdStart, lowerQuartile, type Turns } from "./measure.ts";

const variants = ["empty", "cdkDefault", "ingest", "prewarmed", "publisher"] as const;

type Variant = (typeof variants)[number];

export interface Measurements {
  /** One cold start of each variant per round. */
  readonly cold: readonly Readonly<Record<Variant, ColdStart>>[];
  readonly warm: Turns;
  readonly tenRecords: Turns;
  readonly hundredRecords: Turns;
  /** A hundred records, and a bus that needs 15 ms for each response. */
  readonly slowBus: Turns;
}

type Finding = readonly [comparison: string, measured: number, goal: number];

function ratio(turns: Turns, name: string, baseline: string, time: "cpu" | "wall" = "cpu"): number {
  const typical = (each: string) => lowerQuartile((turns[each] ?? []).map((turn) => turn[time]));
  return typical(name) / typical(baseline);
}

/** Formats the cold starts, one row per variant: boot, init and first call. */
export function coldRows({ cold }: Measurements): string[][] {
  const typical = (variant: Variant, part: "boot" | "init" | "first") =>
    lowerQuartile(cold.map((round) => round[variant][part])).toFixed(1);
  return variants.map((variant) => [
    variant,
    typical(variant, "boot"),
    typical(variant, "init"),
    typical(variant, "first"),
  ]);
}

/** Compares the measurements with the goals. Both values of a ratio are from the same run. */
export function findingsOf(measured: Measurements): Finding[] {
  const { cold, warm, tenRecords, hundredRecords, slowBus } = measured;
  const bootAndInit = (variant: Variant) =>
    lowerQuartile(cold.map(({ [variant]: { boot, init } }) => boot + init));
  const initAndFirst = (variant: Variant) =>
    lowerQuartile(cold.map(({ [variant]: { init, first } }) => init + first));
  const first = (variant: Variant) => lowerQuartile(cold.map((round) => round[variant].first));
  return [
    [
      "ingest, not prewarmed: boot and init / empty function",
      bootAndInit("ingest") / bootAndInit("empty"),
      2.7,
    ],
    [
      "ingest, prewarmed: boot and init / empty function",
      bootAndInit("prewarmed") / bootAndInit("empty"),
      4.1,
    ],
    [
      "ingest, not prewarmed: init and first call / CDK's default bundle",
      initAndFirst("ingest") / initAndFirst("cdkDefault"),
      0.65,
    ],
    ["ingest: first call, prewarmed / not prewarmed", first("prewarmed") / first("ingest"), 0.4],
    [
      "publisher: boot and init / empty function",
      bootAndInit("publisher") / bootAndInit("empty"),
      2.3,
    ],
    ["warm ingest / the SDK's bare send of its write", ratio(warm, "ingest", "bare"), 1.5],
    ["warm ingest without SDK calls / warm ingest", ratio(warm, "ownCode", "ingest"), 0.08],
    [
      "publisher, 100 records / one PutEvents per record",
      ratio(hundredRecords, "chunked", "oneByOne"),
      0.28,
    ],
    [
      "publisher, 10 records / one PutEvents per record",
      ratio(tenRecords, "chunked", "oneByOne"),
      0.4,
    ],
    [
      "publisher, 100 records, 15 ms per call, elapsed time / one call after the other",
      ratio(slowBus, "chunked", "serial", "wall"),
      0.3,
    ],
  ];
}

/** Formats a finding as a row: comparison, measured, goal, and whether the goal is met. */
export function rowOf([comparison, measured, goal]: Finding): string[] {
  const margin = (measured / goal - 1) * 100;
  return [
    comparison,
    measured.toFixed(2),
    goal.toFixed(2),
    measured <= goal ? "met" : `missed by ${margin.toFixed(0)}%`,
  ];
}
