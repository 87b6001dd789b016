import { join } from "node:path";

import { lastLines, runCommand } from "../../tools/run/command.ts";
import { binFolder, root } from "../../tools/run/paths.ts";
import type { Environment } from "./environment.ts";

/** Runs `npx agent-availability` with arguments against the local cloud, as an operator does. */
export async function runOperatorCommand(
  { cloud }: Environment,
  args: readonly string[],
): Promise<void> {
  const { code, output } = await runCommand(join(binFolder, "node"), ["bin/cli.mjs", ...args], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: cloud.region,
      AWS_ACCESS_KEY_ID: cloud.accessKeyId,
      AWS_SECRET_ACCESS_KEY: cloud.secretAccessKey,
    },
  });
  if (code !== 0) {
    throw new Error(`${args.join(" ")} ended with ${code ?? "a signal"}: ${lastLines(output)}`);
  }
}

/**
 * Redrives dead-lettered events and failed records.
 *
 * @throws Error if the command fails or anything remains.
 */
export async function redrive(environment: Environment): Promise<void> {
  await runOperatorCommand(environment, ["redrive", "--stage", environment.cloud.stage]);
  const messages = await environment.deadLetters.messages();
  const batches = await environment.deadLetters.failedBatches();
  if (messages.length + batches.length > 0) {
    throw new Error(
      `after redrive ${messages.length} messages and ${batches.length} batches remain`,
    );
  }
}
