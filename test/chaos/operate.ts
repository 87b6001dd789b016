import { join } from "node:path";

import { lastLines, runCommand } from "../../tools/run/command.ts";
import { binFolder, root } from "../../tools/run/paths.ts";
import type { Stand } from "./stand.ts";

/** Runs `npx agent-availability` against the local cloud, as an operator does. */
export async function operate({ cloud }: Stand, args: readonly string[]): Promise<void> {
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
export async function redrive(stand: Stand): Promise<void> {
  await operate(stand, ["redrive", "--stage", stand.cloud.stage]);
  const messages = await stand.deadLetters.messages();
  const batches = await stand.deadLetters.failedBatches();
  if (messages.length + batches.length > 0) {
    throw new Error(
      `after redrive ${messages.length} messages and ${batches.length} batches remain`,
    );
  }
}
