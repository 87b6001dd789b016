import { readFileSync, writeSync } from "node:fs";

/** Something to be measured: one call of it. */
export type Call = () => Promise<unknown>;

/** What a turn of calls took, for each of them, in microseconds of CPU and of the clock. */
export interface Turn {
  readonly cpu: number;
  readonly wall: number;
}

async function turnOf(call: Call, calls: number): Promise<Turn> {
  const before = process.cpuUsage();
  const started = performance.now();
  for (let index = 0; index < calls; index += 1) {
    await call();
  }
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / calls, wall: ((performance.now() - started) * 1000) / calls };
}

/**
 * Calls each in turn, in one process, so that whatever else the machine does falls on all alike; who is
 * first changes. Some turns before the first that counts let the engine compile.
 */
export async function takeTurns(
  calls: Readonly<Record<string, Call>>,
  rounds: number,
  each: number,
): Promise<Record<string, Turn[]>> {
  const names = Object.keys(calls);
  const turns = Object.fromEntries(names.map((name): [string, Turn[]] => [name, []]));
  const warmUp = 3;
  for (let round = 0; round < rounds + warmUp; round += 1) {
    for (const [index] of names.entries()) {
      const name = names[(index + round) % names.length] ?? "";
      const call = calls[name];
      const turn = call && (await turnOf(call, each));
      if (turn && round >= warmUp) {
        turns[name]?.push(turn);
      }
    }
  }
  return turns;
}

/** What a program of turns is told: the rounds, and a file of JSON. */
export function told(): { readonly rounds: number; readonly text: string } {
  const [, , rounds = "", file = ""] = process.argv;
  return { rounds: Number(rounds), text: readFileSync(file, "utf8") };
}

/** Says what came out on descriptor 3: the functions write their lines to the others. */
export function say(result: object): void {
  writeSync(3, JSON.stringify(result));
}
