import { setTimeout as sleep } from "node:timers/promises";

import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";

import { createEventBus } from "../functions/bus/event-bus.ts";
import { readCommandLine, stageOptions } from "./command-line.ts";
import { findParameters } from "./deployed-stage.ts";
import { interruption } from "./interruption.ts";
import { createFailedBucket } from "./redrive/failed-bucket.ts";
import { redrive, type Report, type Tell } from "./redrive/redrive.ts";
import { createRepublish } from "./redrive/republish.ts";
import { createSetAsideQueue } from "./redrive/set-aside-queue.ts";
import { foundWords, reportWords } from "./redrive/words.ts";
import { tellFailure } from "./tell-failure.ts";

const USAGE = `npm run redrive -- [--stage NAME] [--json]

  publishes again what was set aside: what lies in the stage's queue and in the bucket of its stream's
  failure destination. What gets through is removed there, what does not stays. Ctrl-C ends it safely.

  --stage  the deployed stage; default dev
  --json   for programs

  exit code 0: nothing is set aside any more; 1: something is left, or it failed; 130: it was interrupted`;

/** Between two lines of progress. */
const TOLD_MS = 2000;

const calls = { requestTimeout: 10_000, connectionTimeout: 5000, throwOnRequestTimeout: true };

function read(args: readonly string[]) {
  return readCommandLine(USAGE, { args: [...args], options: stageOptions }).values;
}

/** Progress for a person, on stderr: stdout has the result only. */
function tellInWords(stage: string): Tell {
  let toldAt = Date.now();
  return {
    found: (found) => {
      if (found.messages + found.objects > 0) {
        console.error(foundWords(stage, found));
      }
    },
    published: (events) => {
      if (Date.now() - toldAt > TOLD_MS) {
        toldAt = Date.now();
        console.error(`${events.toLocaleString("en")} events are on the bus so far`);
      }
    },
  };
}

const tellNothing: Tell = { found: () => undefined, published: () => undefined };

async function redriveStage(stage: string, tell: Tell, signal: AbortSignal): Promise<Report> {
  const deployed = await findParameters(new SSMClient(), stage, [
    "bus-name",
    "dead-letter-queue-url",
    "on-failure-bucket-name",
    "personal-data-in-events",
  ]);
  const { AWS_ENDPOINT_URL: all, AWS_ENDPOINT_URL_S3: ofS3 = all } = process.env;
  const { AWS_ENDPOINT_URL_SQS: ofSqs = all } = process.env;
  // An endpoint of one's own seldom has a name for every bucket, and goes before the queue's own.
  const s3 = new S3Client({ forcePathStyle: ofS3 !== undefined });
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: ofSqs === undefined });
  return await redrive({
    queue: createSetAsideQueue(sqs, deployed["dead-letter-queue-url"]),
    bucket: createFailedBucket(s3, deployed["on-failure-bucket-name"]),
    republishing: createRepublish({
      bus: createEventBus(new EventBridgeClient({ requestHandler: calls })),
      busName: deployed["bus-name"],
      personalData: deployed["personal-data-in-events"] === "true",
      signal,
      // Ends early when it is interrupted.
      pause: async (milliseconds) => {
        await Promise.race([
          sleep(milliseconds),
          new Promise((resolve) => {
            signal.addEventListener("abort", resolve, { once: true });
          }),
        ]);
      },
    }),
    signal,
    tell,
  });
}

function exitCodeOf({ left, interrupted }: Report): number {
  return interrupted ? 130 : Math.sign(left.length);
}

async function run(args: readonly string[]): Promise<void> {
  const { stage, json } = read(args);
  const tell = json ? tellNothing : tellInWords(stage);
  const report = await redriveStage(stage, tell, interruption());
  const { messages, objects } = report.found;
  if (json) {
    console.log(JSON.stringify({ stage, ...report }));
  } else if (messages + objects > 0 || report.interrupted) {
    console.log(reportWords(report));
  } else {
    console.log(foundWords(stage, report.found));
  }
  process.exitCode = exitCodeOf(report);
}

await tellFailure(async () => {
  await run(process.argv.slice(2));
});
