import type { ColdBuilds } from "./builds.ts";
import type { Inputs } from "./inputs.ts";
import { type Cold, runCold, type Stub } from "./measure.ts";
import { lowerQuartile } from "./statistics.ts";

/** Milliseconds of CPU of one variant: starting Node, importing the handler, the first call. */
export interface ColdStart {
  readonly boot: number;
  readonly init: number;
  readonly first: number;
}

function startOf(colds: readonly Cold[]): ColdStart {
  return {
    boot: lowerQuartile(colds.map(({ boot }) => boot)),
    init: lowerQuartile(colds.map(({ init }) => init)),
    first: lowerQuartile(colds.map(({ first }) => first)),
  };
}

/** Starts every variant once per round, each in a new process. The first variant changes every round. */
export async function compareCold(
  builds: ColdBuilds,
  inputs: Inputs,
  rounds: number,
  stub: Stub,
): Promise<Record<keyof ColdBuilds, ColdStart>> {
  const runs: Record<keyof ColdBuilds, Cold[]> = {
    empty: [],
    cdkDefault: [],
    ingest: [],
    prewarmed: [],
    publisher: [],
    publisherCdkDefault: [],
  };
  const names = Object.keys(runs).filter((name): name is keyof ColdBuilds => name in runs);
  for (let round = 0; round < rounds; round += 1) {
    const request = inputs.request();
    const turn = round % names.length;
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
      const event = name.startsWith("publisher") ? inputs.tenRecords : request;
      runs[name].push(await runCold(builds[name], event, stub));
    }
  }
  return {
    empty: startOf(runs.empty),
    cdkDefault: startOf(runs.cdkDefault),
    ingest: startOf(runs.ingest),
    prewarmed: startOf(runs.prewarmed),
    publisher: startOf(runs.publisher),
    publisherCdkDefault: startOf(runs.publisherCdkDefault),
  };
}
