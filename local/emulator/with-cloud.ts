import { appendFileSync, writeFileSync } from "node:fs";

import { LocalError } from "../../tools/run/local-error.ts";
import { cloudLockFile, lockHolderOf, tryLock } from "../../tools/run/lock-file.ts";
import { defaultLogFile } from "../../tools/run/paths.ts";
import { type LocalBoard, startBoard } from "../board.ts";
import { sampleAccounts } from "../sample-accounts.ts";
import { type SampleFreshdesk, startSampleFreshdesk } from "../sample-day/sample-freshdesk.ts";
import { removeCloud, writeCloud } from "./cloud.ts";
import { type CloudOptions, type RunningCloud, startCloud } from "./start-cloud.ts";

/** Returns the error for a second local cloud of this checkout. */
export function alreadyRunningError(): LocalError {
  const pid = lockHolderOf(cloudLockFile);
  const holder = pid === undefined ? "" : ` (process ${pid})`;
  return new LocalError(
    `This checkout's local cloud is running or starting${holder}. Use it as .local/cloud.json describes, or stop it with "npm run local:down" and try again.`,
  );
}

export interface CheckoutCloudOptions extends Omit<CloudOptions, "freshdesk"> {
  /** Called with the board's URL before anything else is started. */
  readonly onBoard?: (url: string) => void;
}

async function startLocalBoard(): Promise<LocalBoard> {
  return await startBoard({
    stage: "local",
    accountIds: sampleAccounts.map(({ accountId }) => accountId),
    onError: (error) => {
      appendFileSync(defaultLogFile, `${new Date().toISOString()} board: ${String(error)}\n`);
    },
  });
}

/** The local cloud of this checkout, and the simulated Freshdesk that its reconcile function reads. */
export interface CheckoutCloud extends RunningCloud {
  readonly freshdesk: SampleFreshdesk;
}

/** Stops the cloud when `use` has finished or a part of the cloud has failed. */
async function useCloud<Result>(
  started: CheckoutCloud,
  board: LocalBoard,
  use: (running: CheckoutCloud) => Promise<Result>,
): Promise<Result> {
  const running = { ...started, cloud: { ...started.cloud, boardUrl: board.url } };
  try {
    writeCloud(running.cloud);
    await board.show(running.cloud);
    const failed = running.failed.then((problem) => {
      throw new LocalError(`${problem} The local cloud was stopped. Start it again.`);
    });
    return await Promise.race([use(running), failed]);
  } finally {
    removeCloud();
    await running.stop();
  }
}

/**
 * Starts the one local cloud of this checkout with its board and a simulated Freshdesk, and describes it in
 * `.local/cloud.json`. Ends all of it when `use` has finished or a part of the cloud has failed.
 *
 * @returns the result of `use`.
 * @throws LocalError if it cannot be started, another is running, or a part of it fails.
 */
export async function withCloud<Result>(
  { onBoard, stacks = [], ...options }: CheckoutCloudOptions,
  use: (running: CheckoutCloud) => Promise<Result>,
): Promise<Result> {
  const release = tryLock(cloudLockFile);
  if (release === undefined) {
    throw alreadyRunningError();
  }
  try {
    writeFileSync(defaultLogFile, "");
    const board = await startLocalBoard();
    const freshdesk = await startSampleFreshdesk();
    try {
      onBoard?.(board.url);
      const running = await startCloud({
        ...options,
        freshdesk,
        stacks: ["AgentAvailabilityHistory", ...stacks],
      });
      return await useCloud({ ...running, freshdesk }, board, use);
    } finally {
      await freshdesk.close();
      await board.close();
    }
  } finally {
    release();
  }
}
