import { LambdaClient } from "@aws-sdk/client-lambda";
import type { Command } from "commander";

import { formatSweep, formatUnfinished } from "./reconcile/format-sweep.ts";
import { invokeSweep, RESPONSE_TIMEOUT_MS } from "./reconcile/invoke-sweep.ts";
import { commandLine, type GlobalOptions, parseAccountId } from "./shared/arguments.ts";
import { CommandError } from "./shared/command-error.ts";
import { openStage } from "./shared/deployed-stage.ts";
import type { Terminal } from "./shared/terminal.ts";

interface ReconcileOptions extends GlobalOptions {
  readonly dryRun: boolean;
}

async function reconcile(
  accountId: string,
  { stage, json, dryRun }: ReconcileOptions,
  terminal: Terminal,
): Promise<void> {
  const { parameters, audited } = await openStage(stage, ["reconcile-function-name"], terminal);
  const functionName = parameters["reconcile-function-name"];
  // A retry would start another sweep.
  const lambda = new LambdaClient({
    maxAttempts: 1,
    requestHandler: { requestTimeout: RESPONSE_TIMEOUT_MS },
  });
  const sweep = async () =>
    await invokeSweep(lambda, functionName, { accountId, isDryRun: dryRun });
  terminal.note(`Comparing account ${accountId} (stage ${stage}) with Freshdesk.`);
  const result = dryRun ? await sweep() : await audited({ action: "reconcile", accountId }, sweep);
  switch (result.outcome) {
    case "swept":
      terminal.print({
        json,
        value: { stage, accountId, ...result },
        text: formatSweep(result),
      });
      break;
    case "unfinished":
      terminal.print({
        json,
        value: { stage, accountId, ...result },
        text: formatUnfinished(result, dryRun),
      });
      break;
    case "running":
      throw new CommandError(
        `another sweep of account ${accountId} is running (stage ${stage}). Try again in a few minutes.`,
      );
    case "not connected":
      throw new CommandError(
        `account ${accountId} is not connected (stage ${stage}). To connect it: ${commandLine(`account connect ${accountId} --domain YOUR_DOMAIN.freshdesk.com`, stage)}`,
      );
    case "failed":
      throw new CommandError(
        `comparing account ${accountId} with Freshdesk failed: ${result.error}`,
      );
  }
}

export function addReconcileCommand(program: Command, terminal: Terminal): void {
  program
    .command("reconcile")
    .description(
      "compare an account with Freshdesk now, repair the table, and print the differences",
    )
    .argument("<id>", "Freshdesk account ID, digits only", parseAccountId)
    .option("--dry-run", "print the differences, and write nothing", false)
    .action(async (accountId: string, _options: object, command: Command) => {
      await reconcile(accountId, command.optsWithGlobals<ReconcileOptions>(), terminal);
    });
}
