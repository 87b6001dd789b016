import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { createRestore } from "./restore/write-items.ts";
import { CommandError } from "./command-error.ts";
import { readCommandLine, stageOptions } from "./command-line.ts";
import { confirm } from "./confirm.ts";
import { interruption } from "./interruption.ts";
import type { Deed } from "./operators-log.ts";
import { agreedEpoch } from "./restore/agreed-epoch.ts";
import { epochIn } from "./restore/epoch.ts";
import { forgottenSince } from "./restore/forgotten.ts";
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
  on where it was. docs/operate/restore.md has the whole procedure.

  --from       the table that was restored from a backup; without it, nothing is put into the stage's
               table, and the present state of all is published
  --roll-back  the restored state counts also where the table has a newer one; only with --from
  --epoch      the epoch that the last restore said, if it was broken off: goes on with that one; or now, to
               begin another where the last one has not ended
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
  const isInVain =
    isNothingTold(progress) && progress.current > 0 && typeof typed.begun !== "number";
  process.exitCode = hasFailed || isInVain ? 1 : 0;
}

/** What is said of a restore while it is under way. */
interface Telling {
  readonly onBegun: () => void;
  readonly onBrokenOff: () => void;
}

/** Runs it on the record. What cannot be put there does not begin, and is not broken off either. */
async function restoreOnRecord(
  run: Run,
  deed: Deed,
  place: StageOnRecord<"table-name">,
  { onBegun, onBrokenOff }: Telling,
) {
  const restoring = place.onRecord(deed, async () => {
    onBegun();
    const progress = await runRestore(run).catch((error: unknown) => {
      onBrokenOff();
      throw error;
    });
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
    throw error;
  }
}

function telling(typed: Typed, epoch: number): Telling {
  const goOn = restoreCommand(typed, epoch);
  return {
    onBegun: () => {
      if (!typed.json) {
        console.log(`Epoch ${epoch}. If it is broken off, this goes on with it: ${goOn}`);
      }
    },
    onBrokenOff: () => {
      console.error(`It was broken off. To go on where it was: ${goOn}`);
    },
  };
}

async function restoreStage(typed: Typed): Promise<void> {
  const { from: backup, stage, json, "roll-back": rollBack, agentsASecond: rate } = typed;
  const place = await findStageOnRecord(stage, ["table-name"]);
  const table = place.parameters["table-name"];
  if (backup === table) {
    throw new CommandError(`${table} is the stage's own table: leave out --from`);
  }
  const client = new DynamoDBClient();
  const from = backup ?? table;
  const epoch = await agreedEpoch(typed, { client, from, log: place.log }, async () => {
    await confirm(consequence(typed), typed.yes);
  });
  const signal = interruption();
  const isForgotten = forgottenSince(await place.log.read("agent forget"));
  const restore = createRestore(client, table, { epoch, rollBack, isForgotten });
  const run = { client, backup, table, restore, rate, signal, onProgress: teller(json) };
  const deed = { action: "restore", from, epoch, rollBack: String(rollBack) } as const;
  const progress = await restoreOnRecord(run, deed, place, telling(typed, epoch));
  console.log(
    json ? JSON.stringify({ stage, table, epoch, ...progress }) : reportWords(progress, epoch),
  );
  end(progress, typed, epoch, signal.aborted);
}

await tellFailure(async () => {
  await restoreStage(read(process.argv.slice(2)));
});
