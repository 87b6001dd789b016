import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { createRestore } from "../functions/store/restore.ts";
import { awsClockOf } from "./aws-clock.ts";
import { CommandError } from "./command-error.ts";
import { readCommandLine, stageOptions } from "./command-line.ts";
import { confirm } from "./confirm.ts";
import { interruption } from "./interruption.ts";
import type { Deed, OperatorsLog } from "./operators-log.ts";
import { checkEpoch, epochIn, unfinishedIn } from "./restore/epoch.ts";
import { forgottenSince } from "./restore/forgotten.ts";
import { madeAt } from "./restore/restored-table.ts";
import { InterruptedError, type Progress, type Run, runRestore } from "./restore/run.ts";
import {
  consequence,
  isNothingTold,
  nothingWords,
  reportWords,
  restoreCommand,
} from "./restore/words.ts";
import { findStageOnRecord, type StageOnRecord } from "./stage-on-record.ts";
import { tellFailure } from "./tell-failure.ts";

const USAGE = `npm run restore -- [--from TABLE] [--roll-back] [--epoch N] [--rate N] [--yes] [--stage NAME] [--json]

  puts what a restored table holds into the stage's table, where it is newer than what is there; then
  gives every agent a new epoch, and so publishes the present state of all. Broken off, it says how to go
  on where it was. docs/restore.md has the whole procedure.

  --from       the table that was restored from a backup; without it, nothing is put into the stage's
               table, and the present state of all is published
  --roll-back  the restored state counts also where the table has a newer one; only with --from
  --epoch      the epoch that a restore said which was broken off: goes on with that one; or now, to begin
               another where the last one has not ended
  --rate       agents a second; default 100
  --yes        does not ask before it begins
  --stage      the deployed stage; default dev
  --json       for programs

  exit code 0: all is restored and will be published; 1: something is not, or it failed; 130: it was interrupted`;

const options = {
  from: { type: "string" },
  "roll-back": { type: "boolean", default: false },
  epoch: { type: "string" },
  rate: { type: "string", default: "100" },
  yes: { type: "boolean", default: false },
  ...stageOptions,
} as const;

function rateIn(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new CommandError(
      `${JSON.stringify(text)} is no rate: a whole number of agents a second from 1 to 9999 is allowed`,
    );
  }
  return Number(text);
}

function read(args: readonly string[]) {
  const { values } = readCommandLine(USAGE, { args: [...args], options });
  if (values["roll-back"] && values.from === undefined) {
    throw new CommandError("--roll-back means nothing without --from");
  }
  const { epoch, rate } = values;
  return {
    ...values,
    agentsASecond: rateIn(rate),
    begun: epoch === undefined ? undefined : epochIn(epoch),
  };
}

type Typed = ReturnType<typeof read>;

const TOLD_MS = 2000;

/** Progress for a person, now and then. */
function teller(json: boolean) {
  let toldAt = Date.now();
  return ({ restored, kept, forgotten, renewed }: Progress) => {
    if (!json && Date.now() - toldAt > TOLD_MS) {
      toldAt = Date.now();
      console.log(`${restored + kept + forgotten} of the backup, ${renewed} of the table so far`);
    }
  };
}

/**
 * The epoch of this restore: that of the one it goes on with, or now, by AWS's clock. So it is later than
 * every epoch that was ever told.
 *
 * @throws CommandError when that one cannot have been, or none was said and the last one has not ended.
 */
async function epochOf(client: DynamoDBClient, typed: Typed, from: string, log: OperatorsLog) {
  const { begun } = typed;
  const now = awsClockOf(client);
  const made = await madeAt(client, from);
  if (typeof begun === "number") {
    checkEpoch(begun, { now: now(), madeAt: made });
    return begun;
  }
  const unfinished = unfinishedIn(await log.read("restore"), {
    from,
    rollBack: typed["roll-back"],
  });
  if (begun === undefined && unfinished !== undefined) {
    throw new CommandError(
      `the last such restore, begun at ${unfinished.at}, has not ended: it runs, or was broken off. To go on with it: ${restoreCommand(typed, unfinished.epoch)}. To begin another, by which all are published once more: ${restoreCommand(typed, "now")}`,
    );
  }
  return now();
}

/** Says what is left to do, if something is. */
function end(progress: Progress, typed: Typed, epoch: number, isInterrupted: boolean): void {
  const goOn = restoreCommand(typed, epoch);
  if (isInterrupted) {
    console.error(`It was interrupted. To go on where it was: ${goOn}`);
    process.exitCode = 130;
    return;
  }
  const hasFailed = progress.failed.length > 0;
  if (isNothingTold(progress)) {
    console.error(nothingWords(progress, epoch, typed.stage));
  }
  if (hasFailed) {
    console.error(`To try only the rest once more: ${goOn}`);
  }
  // Whoever goes on with a restore may find all of it done; a new one that tells nothing has missed its end.
  const isInVain = isNothingTold(progress) && progress.current > 0 && typed.begun === undefined;
  process.exitCode = hasFailed || isInVain ? 1 : 0;
}

/** Runs it on the record, and says how to go on where it ends before its end. */
async function restoreOnRecord(
  run: Run,
  deed: Deed,
  place: StageOnRecord<"table-name">,
  goOn: string,
) {
  const restoring = place.onRecord(deed, async () => {
    const progress = await runRestore(run);
    if (run.signal.aborted) {
      throw new InterruptedError(progress);
    }
    return progress;
  });
  try {
    return await restoring;
  } catch (error) {
    if (error instanceof InterruptedError) {
      return error.progress;
    }
    console.error(`It was broken off. To go on where it was: ${goOn}`);
    throw error;
  }
}

async function restoreStage(typed: Typed): Promise<void> {
  const { from: backup, stage, json, yes, "roll-back": rollBack, agentsASecond: rate } = typed;
  const place = await findStageOnRecord(stage, ["table-name"]);
  const table = place.parameters["table-name"];
  if (backup === table) {
    throw new CommandError(`${table} is the stage's own table: leave out --from`);
  }
  const client = new DynamoDBClient();
  const from = backup ?? table;
  const epoch = await epochOf(client, typed, from, place.log);
  await confirm(consequence(typed), yes);
  const goOn = restoreCommand(typed, epoch);
  if (!json) {
    console.log(`Epoch ${epoch}. If it is broken off, this goes on with it: ${goOn}`);
  }
  const signal = interruption();
  const isForgotten = forgottenSince(await place.log.read("agent forget"));
  const restore = createRestore(client, table, { epoch, rollBack, isForgotten });
  const run = { client, backup, table, restore, rate, signal, onProgress: teller(json) };
  const deed = { action: "restore", from, epoch, rollBack: String(rollBack) } as const;
  const progress = await restoreOnRecord(run, deed, place, goOn);
  console.log(
    json ? JSON.stringify({ stage, table, epoch, ...progress }) : reportWords(progress, epoch),
  );
  end(progress, typed, epoch, signal.aborted);
}

await tellFailure(async () => {
  await restoreStage(read(process.argv.slice(2)));
});
