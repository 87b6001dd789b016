import { writeFileSync } from "node:fs";

import { LocalError } from "../../tools/run/local-error.ts";
import { cloudLockFile, lockHolderOf, tryLock } from "../../tools/run/lock-file.ts";
import { defaultLogFile } from "../../tools/run/paths.ts";
import { removeCloud, writeCloud } from "./cloud.ts";
import { type CloudOptions, type RunningCloud, startCloud } from "./start-cloud.ts";

/** Returns the error for a second local cloud of this checkout. */
export function alreadyRunning(): LocalError {
  const pid = lockHolderOf(cloudLockFile);
  const holder = pid === undefined ? "" : ` (process ${pid})`;
  return new LocalError(
    `This checkout's local cloud is running or starting${holder}. Use it as .local/cloud.json describes, or end it with "npm run local:down" and try again.`,
  );
}

/**
 * Starts the one local cloud of this checkout and describes it in `.local/cloud.json`. Ends it when `use` has
 * finished or a part of the cloud has failed.
 *
 * @returns the result of `use`.
 * @throws LocalError if it cannot be started, another is running, or a part of it fails.
 */
export async function withCloud<Result>(
  options: CloudOptions,
  use: (running: RunningCloud) => Promise<Result>,
): Promise<Result> {
  const release = tryLock(cloudLockFile);
  if (release === undefined) {
    throw alreadyRunning();
  }
  try {
    writeFileSync(defaultLogFile, "");
    const running = await startCloud(options);
    try {
      writeCloud(running.cloud);
      const failed = running.failed.then((problem) => {
        throw new LocalError(`${problem} The local cloud was ended. Start it again.`);
      });
      return await Promise.race([use(running), failed]);
    } finally {
      removeCloud();
      await running.stop();
    }
  } finally {
    release();
  }
}
