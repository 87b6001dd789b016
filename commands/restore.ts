import { parseArgs } from "node:util";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { createRestore } from "../functions/store/restore.ts";
import { CommandError } from "./command-error.ts";
import { confirm } from "./confirm.ts";
import { forgottenSince } from "./restore/forgotten.ts";
import { madeAt } from "./restore/restored-table.ts";
import { type Progress, runRestore } from "./restore/run.ts";
import { findStageOnRecord } from "./stage-on-record.ts";
import { tellFailure } from "./tell-failure.ts";

const USAGE = `npm run restore -- [--from TABLE] [--roll-back] [--rate N] [--yes] [--stage NAME] [--json]

  puts what a restored table holds into the stage's table, where it is newer than what is there; then
  gives every agent a new epoch, and so publishes the present state of all. Safe to break off and to
  run again. docs/restore.md has the whole procedure.

  --from       the table that was restored from a backup; without it the stage's own is the restored one
  --roll-back  the restored state counts also where the table has a newer one
  --rate       agents a second; default 100
  --yes        does not ask before it begins
  --stage      the deployed stage; default dev
  --json       for programs

  exit code 0: all is restored and will be published; 1: something is not, or it failed; 130: it was interrupted`;

function read(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: "string" },
        "roll-back": { type: "boolean", default: false },
        rate: { type: "string", default: "100" },
        yes: { type: "boolean", default: false },
        stage: { type: "string", default: "dev" },
        json: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

type Typed = ReturnType<typeof read>;

function rateIn(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new CommandError(
      `${JSON.stringify(text)} is no rate: a whole number of agents a second from 1 to 9999 is allowed`,
    );
  }
  return Number(text);
}

function words(progress: Progress, epoch: number): string {
  const { restored, forgotten, kept, renewed, failed } = progress;
  return [
    `restored      ${restored}`,
    `kept          ${kept}  the table's own is as new, or newer`,
    `kept out      ${forgotten}  forgotten after the backup`,
    `new epoch     ${renewed}  besides those restored: ${epoch}`,
    `failed        ${failed.length}`,
    ...failed.map(({ agent, reason }) => `  ${agent}: ${reason}`),
  ].join("\n");
}

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

/** What is about to happen, for a person to say yes to. */
function consequence({ from, stage, "roll-back": rollBack }: Typed): string {
  const before = from === undefined ? "" : `, after what ${from} holds is put into its table`;
  const over = from !== undefined && rollBack ? ", also over newer states" : "";
  return `Every agent of stage ${stage} is published anew${before}${over}.`;
}

function end(progress: Progress, isInterrupted: boolean): void {
  if (isInterrupted) {
    console.error("It was interrupted; run it again, and it goes on where it was.");
    process.exitCode = 130;
  } else if (progress.failed.length > 0) {
    process.exitCode = 1;
  }
}

async function restoreStage(typed: Typed): Promise<void> {
  const { from: backup, stage, json, yes, "roll-back": rollBack } = typed;
  const rate = rateIn(typed.rate);
  const { parameters, log, onRecord } = await findStageOnRecord(stage, ["table-name"]);
  const table = parameters["table-name"];
  if (backup === table) {
    throw new CommandError(`${table} is the stage's own table: leave out --from`);
  }
  const client = new DynamoDBClient();
  const epoch = await madeAt(client, backup ?? table);
  await confirm(consequence(typed), yes);
  const interruption = new AbortController();
  const { signal } = interruption;
  process.once("SIGINT", () => {
    interruption.abort();
  });
  const isForgotten = forgottenSince(await log.read("agent forget"));
  const restore = createRestore(client, table, { epoch, rollBack, isForgotten });
  const onProgress = teller(json);
  const progress = await onRecord(
    { action: "restore", from: backup ?? table, epoch, rollBack: String(rollBack) },
    async () => await runRestore({ client, backup, table, restore, rate, signal, onProgress }),
  );
  console.log(json ? JSON.stringify({ stage, table, epoch, ...progress }) : words(progress, epoch));
  end(progress, signal.aborted);
}

await tellFailure(async () => {
  await restoreStage(read(process.argv.slice(2)));
});
