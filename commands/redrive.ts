import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";

import { createEventBus } from "../functions/bus/event-bus.ts";
import { pause } from "../functions/publisher/pause.ts";
import { readCommandLine, stageOptions } from "./command-line.ts";
import { findParameters } from "./deployed-stage.ts";
import { interruption } from "./interruption.ts";
import { createDeadLetterQueue } from "./redrive/dead-letter-queue.ts";
import { formatFound, formatReport } from "./redrive/format-redrive.ts";
import { createOnFailureDestination } from "./redrive/on-failure-destination.ts";
import { createRepublish } from "./redrive/republish.ts";
import { type Progress, type Report, runRedrive } from "./redrive/run-redrive.ts";
import { tellFailure } from "./tell-failure.ts";

const USAGE = `npm run redrive -- [--stage NAME] [--json]

  publishes dead-lettered events and failed records again, and removes those that were published from the
  dead-letter queue and the on-failure destination. Ctrl-C interrupts it without losing anything.

  --stage  the deployed stage; default dev
  --json   print the result as JSON

  exit code 0: nothing remains; 1: something remains, or the command failed; 130: interrupted`;

const PROGRESS_INTERVAL_MS = 2000;

const requestHandler = {
  requestTimeout: 10_000,
  connectionTimeout: 5000,
  throwOnRequestTimeout: true,
};

function read(args: readonly string[]) {
  return readCommandLine(USAGE, { args: [...args], options: stageOptions }).values;
}

/** Prints progress to stderr: stdout contains the result only. */
function progressOnStderr(stage: string): Progress {
  let printedAt = Date.now();
  return {
    onFound: (found) => {
      if (found.messages + found.objects > 0) {
        console.error(formatFound(stage, found));
      }
    },
    onPublished: (events) => {
      if (Date.now() - printedAt > PROGRESS_INTERVAL_MS) {
        printedAt = Date.now();
        console.error(`Published ${events.toLocaleString("en")} events so far.`);
      }
    },
  };
}

const noProgress: Progress = { onFound: () => undefined, onPublished: () => undefined };

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
  const { AWS_ENDPOINT_URL: endpoint } = process.env;
  const {
    AWS_ENDPOINT_URL_S3: s3Endpoint = endpoint,
    AWS_ENDPOINT_URL_SQS: sqsEndpoint = endpoint,
  } = process.env;
  // A custom endpoint rarely has a host name for every bucket, and takes precedence over the queue's URL.
  const s3 = new S3Client({ forcePathStyle: s3Endpoint !== undefined });
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: sqsEndpoint === undefined });
  return await runRedrive({
    queue: createDeadLetterQueue(sqs, parameters["dead-letter-queue-url"]),
    destination: createOnFailureDestination(s3, parameters["on-failure-bucket-name"]),
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

function exitCodeOf({ remaining, interrupted }: Report): number {
  return interrupted ? 130 : Math.sign(remaining.length);
}

async function run(args: readonly string[]): Promise<void> {
  const { stage, json } = read(args);
  const progress = json ? noProgress : progressOnStderr(stage);
  const report = await redriveStage(stage, progress, interruption());
  const { messages, objects } = report.found;
  if (json) {
    console.log(JSON.stringify({ stage, ...report }));
  } else if (messages + objects > 0 || report.interrupted) {
    console.log(formatReport(report));
  } else {
    console.log(formatFound(stage, report.found));
  }
  process.exitCode = exitCodeOf(report);
}

await tellFailure(async () => {
  await run(process.argv.slice(2));
});
