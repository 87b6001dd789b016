import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Command } from "commander";

import { createEventBus } from "../functions/bus/event-bus.ts";
import { pause } from "../functions/publisher/pause.ts";
import { createDeadLetterQueue } from "./redrive/dead-letter-queue.ts";
import { formatFound, formatReport } from "./redrive/format-redrive.ts";
import { createOnFailureDestination } from "./redrive/on-failure-destination.ts";
import { createRepublish } from "./redrive/republish.ts";
import { type Progress, type Report, runRedrive } from "./redrive/run-redrive.ts";
import type { GlobalOptions } from "./shared/arguments.ts";
import { createS3Client, createSqsClient } from "./shared/clients.ts";
import { findParameters } from "./shared/stage.ts";
import { INTERRUPTED_EXIT_CODE, type Terminal } from "./shared/terminal.ts";

const EXIT_CODES = `
Exit codes:
  0    nothing remains
  1    something remains, or the command failed
  130  the command was interrupted`;

const requestHandler = {
  requestTimeout: 10_000,
  connectionTimeout: 5000,
  throwOnRequestTimeout: true,
};

async function redriveStage(
  stage: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<Report> {
  const parameters = await findParameters(new SSMClient(), stage, [
    "bus-name",
    "dead-letter-queue-url",
    "on-failure-bucket-name",
    "personal-data-in-events",
  ]);
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
    signal,
    progress,
  });
}

const isEmpty = ({ messages, objects }: Report["found"]) => messages + objects === 0;

/** Adds `redrive`. */
export function addRedriveCommand(program: Command, terminal: Terminal): void {
  program
    .command("redrive")
    .description("publish dead-lettered events and failed records again; Ctrl-C loses nothing")
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
          terminal.progress(`Published ${events.toLocaleString("en")} events so far.`);
        },
      };
      const report = await redriveStage(stage, progress, terminal.interruption());
      const { found, remaining, interrupted } = report;
      terminal.print({
        json,
        value: { stage, ...report },
        text: isEmpty(found) && !interrupted ? [formatFound(stage, found)] : formatReport(report),
      });
      terminal.exitCode = interrupted ? INTERRUPTED_EXIT_CODE : Math.sign(remaining.length);
    });
}
