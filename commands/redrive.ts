import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { LambdaClient } from "@aws-sdk/client-lambda";
import type { Command } from "commander";

import { createEventBus } from "../functions/bus/event-bus.ts";
import { pause } from "../functions/publisher/pause.ts";
import { createDeadLetterQueue } from "./redrive/dead-letter-queue.ts";
import { formatFound, formatReport, isEmpty } from "./redrive/format-redrive.ts";
import { createOnFailureDestination } from "./redrive/on-failure-destination.ts";
import { createRepublish } from "./redrive/republish.ts";
import type { HistoryDependencies } from "./redrive/redrive-history.ts";
import { type Progress, type Report, runRedrive } from "./redrive/run-redrive.ts";
import { createStoreInHistory } from "./redrive/store-in-history.ts";
import type { GlobalOptions } from "./shared/arguments.ts";
import { createS3Client, createSqsClient } from "./shared/clients.ts";
import { formatCount } from "./shared/count.ts";
import { type AuditedStage, openStage } from "./shared/deployed-stage.ts";
import { INTERRUPTED_EXIT_CODE, type Terminal } from "./shared/terminal.ts";

const EXIT_CODES = `
Exit codes:
  0    nothing remains to redrive
  1    something remains, or the command failed
  130  the command was interrupted`;

const requestHandler = {
  requestTimeout: 10_000,
  connectionTimeout: 5000,
  throwOnRequestTimeout: true,
};

/** Returns the dependencies for redriving the history; `undefined` if the stage keeps no history. */
function historyOf({
  optionalParameter,
  auditLog,
}: Pick<AuditedStage<never>, "optionalParameter" | "auditLog">): HistoryDependencies | undefined {
  const functionName = optionalParameter("history-function-name");
  const bucket = optionalParameter("history-on-failure-bucket-name");
  return functionName === undefined || bucket === undefined
    ? undefined
    : {
        destination: createOnFailureDestination(createS3Client(), bucket),
        store: createStoreInHistory(new LambdaClient(), functionName),
        readForgetEntries: async () => await auditLog.read("agent forget"),
      };
}

async function redriveStage(
  stageName: string,
  progress: Progress,
  terminal: Terminal,
): Promise<Report> {
  const signal = terminal.interruption();
  const stage = await openStage(
    stageName,
    ["bus-name", "dead-letter-queue-url", "on-failure-bucket-name", "personal-data-in-events"],
    terminal,
  );
  const { parameters } = stage;
  return await runRedrive({
    queue: createDeadLetterQueue(createSqsClient(), parameters["dead-letter-queue-url"]),
    destination: createOnFailureDestination(createS3Client(), parameters["on-failure-bucket-name"]),
    republish: createRepublish({
      bus: createEventBus(new EventBridgeClient({ requestHandler })),
      busName: parameters["bus-name"],
      personalData: parameters["personal-data-in-events"] === "true",
      pause,
      signal,
    }),
    history: historyOf(stage),
    signal,
    progress,
  });
}

export function addRedriveCommand(program: Command, terminal: Terminal): void {
  program
    .command("redrive")
    .description(
      "publish dead-lettered events and failed records, and store failed records of the history; Ctrl-C loses nothing",
    )
    .addHelpText("after", EXIT_CODES)
    .action(async (_options: object, command: Command) => {
      const { stage, json } = command.optsWithGlobals<GlobalOptions>();
      const progress: Progress = {
        onFound: (found) => {
          if (!isEmpty(found)) {
            terminal.note(formatFound(stage, found));
          }
        },
        onPublished: (events) => {
          terminal.progress(`Published ${formatCount(events, "event")} so far.`);
        },
        onStored: (records) => {
          terminal.progress(`Stored ${formatCount(records, "record")} in the history so far.`);
        },
      };
      const report = await redriveStage(stage, progress, terminal);
      const { history, remaining, interrupted } = report;
      const found = { ...report.found, historyObjects: history?.found };
      terminal.print({
        json,
        value: { stage, ...report },
        text: isEmpty(found) && !interrupted ? [formatFound(stage, found)] : formatReport(report),
      });
      terminal.exitCode = interrupted ? INTERRUPTED_EXIT_CODE : Math.sign(remaining.length);
    });
}
