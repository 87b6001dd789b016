import { readFlags, wantedPort } from "./arguments.ts";
import type { Cloud } from "./cloud.ts";
import { withCloud } from "./keep.ts";
import { runProgram } from "../tools/run/local-error.ts";
import { playSampleDay } from "./sample-day/play.ts";
import { aborted, endRequested } from "../tools/run/signals.ts";
import { showStep } from "./steps.ts";

function nextSteps(cloud: Cloud): string {
  return `
The local cloud stays up until Ctrl-C. To try next, in another terminal:

  export AWS_ENDPOINT_URL=${cloud.endpoint} AWS_REGION=${cloud.region}
  export AWS_ACCESS_KEY_ID=${cloud.accessKeyId} AWS_SECRET_ACCESS_KEY=${cloud.secretAccessKey}

  npx agent-availability account add 42 --stage ${cloud.stage}     a second Freshdesk account
  npm run local:down                          the end of it, as Ctrl-C here

With the AWS CLI, whose environment is set now:

  aws dynamodb scan --table-name ${cloud.tableName}
  aws events list-rules --event-bus-name ${cloud.busName}

What a client needs is in .local/cloud.json; the log is ${cloud.logFile}.`;
}

await runProgram(async () => {
  const flags = readFlags("npm start", ["once"]);
  const signal = endRequested();
  const port = wantedPort();
  return await withCloud({ port, step: showStep, signal }, async ({ cloud }) => {
    const isRight = await playSampleDay({ cloud, out: process.stdout, signal });
    signal.throwIfAborted();
    if (!flags.has("once")) {
      console.log(nextSteps(cloud));
      await aborted(signal);
      console.log("\nEnding the local cloud ...");
      return 0;
    }
    return isRight ? 0 : 1;
  });
});
