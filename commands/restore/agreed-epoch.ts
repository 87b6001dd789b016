import { setTimeout as sleep } from "node:timers/promises";

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { awsClockOf } from "../aws-clock.ts";
import { CommandError } from "../command-error.ts";
import type { OperatorsLog } from "../operators-log.ts";
import { checkEpoch, checkOnRecord, type EpochTyped, unfinishedIn } from "./epoch.ts";
import { madeAt } from "./restored-table.ts";
import { type Asked, restoreCommand } from "./words.ts";

/** What was asked for, and with which epoch. */
interface Typed extends Asked {
  readonly begun: EpochTyped | undefined;
}

/** Where a restore looks before it begins. */
interface Place {
  readonly client: DynamoDBClient;
  /** The restored table: the stage's own where no other is said. */
  readonly from: string;
  readonly log: Pick<OperatorsLog, "read">;
}

/**
 * Refuses what would go on with a restore that cannot be gone on with, or begin one beside another by mistake.
 *
 * @throws CommandError
 */
async function checkBegun(typed: Typed, { client, from, log }: Place, now: () => number) {
  const { begun } = typed;
  const kind = { from, rollBack: typed["roll-back"] };
  const made = await madeAt(client, from);
  const lines = await log.read("restore");
  if (typeof begun === "number") {
    checkEpoch(begun, { now: now(), madeAt: made });
    checkOnRecord(begun, lines, kind);
    return;
  }
  const unfinished = unfinishedIn(lines, kind);
  if (begun === undefined && unfinished !== undefined) {
    throw new CommandError(
      `the last such restore, begun at ${unfinished.at}, has not ended: it runs, or was broken off. To go on with it: ${restoreCommand(typed, unfinished.epoch)}. To begin another, by which all are published once more: ${restoreCommand(typed, "now")}`,
    );
  }
}

const SECOND_MS = 1000;
const LOOKED_MS = 200;

/**
 * A time that is later than every epoch that was told until now, and not in the future. AWS's clock is told
 * to the second, rounded down; so it is the second after this one, as soon as that has begun.
 */
async function nextSecond({ client, from }: Place, now: () => number): Promise<number> {
  await madeAt(client, from);
  const next = Math.floor(now() / SECOND_MS) * SECOND_MS + SECOND_MS;
  while (now() < next) {
    await sleep(LOOKED_MS);
    await madeAt(client, from);
  }
  return next;
}

/**
 * The epoch of a restore: that of the one it goes on with, or the time by AWS's clock at which somebody said
 * yes to it. While that person is asked, agents are seen for the first time, and another may begin a restore.
 *
 * @param ask throws where the answer is no.
 * @throws CommandError when the restore is not to begin.
 */
export async function agreedEpoch(
  typed: Typed,
  place: Place,
  ask: () => Promise<void>,
): Promise<number> {
  const now = awsClockOf(place.client);
  await checkBegun(typed, place, now);
  await ask();
  await checkBegun(typed, place, now);
  return typeof typed.begun === "number" ? typed.begun : await nextSecond(place, now);
}
