import { parseArgs } from "node:util";

import { LocalError } from "../../tools/run/local-error.ts";

const USAGE = `npm run test:chaos -- [--short] [--only SCENARIO]... [--seed NUMBER] [--record]
npm run test:chaos -- --burst [--seed NUMBER] [--record]
npm run test:chaos -- --planted FAULT|all

  Injects faults into the deployed hub while random histories are sent, and verifies the result.

  --short    run the scenarios that CI runs
  --only     run this scenario; can be repeated
  --seed     send the same histories as an earlier run
  --burst    send many changes together, without faults; takes minutes
  --record   write the results to docs/evidence/reliability.md, or to docs/evidence/scale.md for a burst
  --planted  plant a fault in the code; succeeds only if the tests detect it`;

export interface Options {
  readonly short: boolean;
  readonly burst: boolean;
  readonly record: boolean;
  readonly only: readonly string[];
  readonly planted: readonly string[];
  readonly seed: number;
}

const MAX_SEED = 2 ** 31 - 1;

/** Parses the command line. @throws LocalError with the usage if it is invalid. */
export function parseOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        short: { type: "boolean", default: false },
        burst: { type: "boolean", default: false },
        record: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
        planted: { type: "string", multiple: true, default: [] },
        seed: { type: "string", default: String(Math.floor(Math.random() * MAX_SEED)) },
      },
    });
    const seed = Number(values.seed);
    if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) {
      throw new Error(`--seed must be a whole number from 0 to ${MAX_SEED} (got ${values.seed})`);
    }
    return { ...values, seed };
  } catch (error) {
    throw new LocalError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

/** Returns the values with the given names. @throws LocalError if a name is unknown. */
export function selectByName<Value extends { readonly name: string }>(
  kind: string,
  values: readonly Value[],
  names: readonly string[],
): Value[] {
  const unknown = names.filter((name) => !values.some((value) => value.name === name));
  if (unknown.length > 0) {
    const known = values.map(({ name }) => name).join(", ");
    throw new LocalError(`each ${kind} must be one of ${known} (got ${unknown.join(", ")})`);
  }
  return values.filter(({ name }) => names.includes(name));
}
