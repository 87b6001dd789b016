import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Command } from "commander";

import { chooseEpoch } from "./restore/epoch.ts";
import { createForgottenCheck } from "./shared/forgotten-agents.ts";
import {
  formatConsequence,
  formatNothingPublished,
  formatProgress,
  formatResult,
  isNothingPublished,
} from "./restore/format-restore.ts";
import { createItemWrites } from "./restore/item-writes.ts";
import { InterruptedError, type Progress, restoreAll } from "./restore/restore-all.ts";
import {
  type EpochOption,
  parseEpoch,
  formatRestoreCommand,
  type RestoreRequest,
} from "./restore/restore-request.ts";
import { type ConfirmOptions, wholeNumber, YES_OPTION } from "./shared/arguments.ts";
import { CommandError } from "./shared/command-error.ts";
import { openStage } from "./shared/deployed-stage.ts";
import { INTERRUPTED_EXIT_CODE, type Terminal } from "./shared/terminal.ts";

interface Options extends RestoreRequest, ConfirmOptions {
  readonly json: boolean;
  readonly epoch?: EpochOption;
}

const EXIT_CODES = `
Exit codes:
  0    everything is restored and will be published
  1    some items were not restored or republished, or the command failed
  130  the command was interrupted`;

/** Prints what is left to do, and sets the exit code. */
function conclude(progress: Progress, options: Options, epoch: number, terminal: Terminal): void {
  const hasFailures = progress.failed.length > 0;
  if (isNothingPublished(progress)) {
    terminal.note(formatNothingPublished(progress, epoch, options.stage));
  }
  if (hasFailures) {
    terminal.note(`To retry only the items that failed: ${formatRestoreCommand(options, epoch)}`);
  }
  // A resumed restore may find everything done. A new restore that publishes nothing has failed.
  const hasNoEffect =
    isNothingPublished(progress) && progress.current > 0 && typeof options.epoch !== "number";
  terminal.exitCode = hasFailures || hasNoEffect ? 1 : 0;
}

async function restore(options: Options, terminal: Terminal): Promise<void> {
  const { from: backup, stage, json, rollBack, rate, yes } = options;
  if (rollBack && backup === undefined) {
    throw new CommandError("--roll-back cannot be used without --from");
  }
  const { parameters, auditLog, audited } = await openStage(stage, ["table-name"], terminal);
  const table = parameters["table-name"];
  if (backup === table) {
    throw new CommandError(
      `--from must not be the stage's own table (got ${table}). To republish the current state, omit --from.`,
    );
  }
  const client = new DynamoDBClient();
  const from = backup ?? table;
  const epoch = await chooseEpoch({ client, from, auditLog, options }, async () => {
    await terminal.confirm(formatConsequence(options), yes);
  });

  const signal = terminal.interruption();
  const isForgotten = createForgottenCheck(await auditLog.read("agent forget"));
  const writes = createItemWrites(client, table, { epoch, rollBack, isForgotten });
  const onProgress = (progress: Progress) => {
    terminal.progress(formatProgress(progress, options));
  };
  const run = async () => {
    const resume = formatRestoreCommand(options, epoch);
    terminal.note(`Epoch ${epoch}. If the restore is interrupted, resume it with: ${resume}`);
    try {
      return await restoreAll({ client, backup, table, writes, rate, signal, onProgress });
    } catch (error) {
      terminal.note(`The restore was interrupted. To resume it: ${resume}`);
      throw error;
    }
  };
  const action = { action: "restore", from, epoch, rollBack: String(rollBack) } as const;
  const { progress, interrupted } = await audited(action, run).then(
    (done) => ({ progress: done, interrupted: false }),
    (error: unknown) => {
      if (error instanceof InterruptedError) {
        return { progress: error.progress, interrupted: true };
      }
      throw error;
    },
  );
  terminal.print({
    json,
    value: { stage, table, epoch, ...progress },
    text: formatResult(progress, epoch, options),
  });
  if (interrupted) {
    terminal.exitCode = INTERRUPTED_EXIT_CODE;
  } else {
    conclude(progress, options, epoch, terminal);
  }
}

export function addRestoreCommand(program: Command, terminal: Terminal): void {
  program
    .command("restore")
    .description("restore agents from a backup, or republish the current state of every agent")
    .option(
      "--from <table>",
      "the table that was restored from a backup; omit it to republish only",
    )
    .option("--roll-back", "overwrite newer state too; only with --from", false)
    .option(
      "--epoch <epoch>",
      'resume the restore with this epoch; "now" starts another restore',
      parseEpoch,
    )
    .option("--rate <number>", "maximum number of items per second", wholeNumber(1, 9999), 100)
    .option(...YES_OPTION)
    .addHelpText("after", EXIT_CODES)
    .action(async (_options: object, command: Command) => {
      await restore(command.optsWithGlobals(), terminal);
    });
}
