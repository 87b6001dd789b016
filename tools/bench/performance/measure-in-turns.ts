import { readFileSync, writeSync } from "node:fs";

type Call = () => Promise<unknown>;

/** The cost per call in one turn, in microseconds of CPU time and of elapsed time. */
export interface Turn {
  readonly cpu: number;
  readonly wall: number;
}

/** Turns before the first one that counts, in which the engine compiles the code. */
const WARM_UP_TURNS = 3;

async function measureTurn(call: Call, calls: number): Promise<Turn> {
  const before = process.cpuUsage();
  const started = performance.now();
  for (let index = 0; index < calls; index += 1) {
    await call();
  }
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / calls, wall: ((performance.now() - started) * 1000) / calls };
}

/**
 * Measures several variants in turns within one process, so that other work on the machine affects all
 * alike. The first variant changes every round.
 *
 * @param callsPerTurn how often a variant is called in one turn.
 */
export async function measureInTurns(
  variants: Readonly<Record<string, Call>>,
  rounds: number,
  callsPerTurn: number,
): Promise<Record<string, Turn[]>> {
  const names = Object.keys(variants);
  const turns = Object.fromEntries(names.map((name): [string, Turn[]] => [name, []]));
  for (let round = 0; round < rounds + WARM_UP_TURNS; round += 1) {
    for (const [index] of names.entries()) {
      const name = names[(index + round) % names.length] ?? "";
      const call = variants[name];
      const turn = call && (await measureTurn(call, callsPerTurn));
      if (turn && round >= WARM_UP_TURNS) {
        turns[name]?.push(turn);
      }
    }
  }
  return turns;
}

/** Reads this program's arguments: the number of rounds, and a file with the event. */
export function readArguments(): { readonly rounds: number; readonly text: string } {
  const [, , rounds = "", file = ""] = process.argv;
  return { rounds: Number(rounds), text: readFileSync(file, "utf8") };
}

/** Writes the result to descriptor 3, since the functions log to the others. */
export function writeResult(result: object): void {
  writeSync(3, JSON.stringify(result));
}
