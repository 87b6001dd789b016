import { writeFileSync } from "node:fs";

import { cloudLockFile, lockHolderOf, tryLock } from "../tools/run/lock-file.ts";
import { removeCloud, writeCloud } from "./cloud.ts";
import { type CloudOptions, type RunningCloud, startCloud } from "./emulator/cloud-process.ts";
import { LocalError } from "../tools/run/local-error.ts";
import { defaultLogFile } from "../tools/run/paths.ts";

/** What is said to whoever wants to start a second one. */
export function alreadyUp(): LocalError {
  const pid = lockHolderOf(cloudLockFile);
  return new LocalError(
    `The local cloud of this checkout is up already, or being started${pid === undefined ? "" : ` (process ${pid})`}. Use that one: .local/cloud.json describes it. Or end it with "npm run local:down", and try again.`,
  );
}

/**
 * Starts the one local cloud of this checkout, tells clients of it, and ends it when `use` is through or
 * a part of it ends by itself.
 *
 * @returns what `use` resolved to.
 * @throws LocalError when it cannot be started, another is up, or a part of it ended by itself.
 */
export async function withCloud<Result>(
  options: CloudOptions,
  use: (running: RunningCloud) => Promise<Result>,
): Promise<Result> {
  const release = tryLock(cloudLockFile);
  if (release === undefined) {
    throw alreadyUp();
  }
  try {
    writeFileSync(defaultLogFile, "");
    const running = await startCloud(options);
    try {
      writeCloud(running.cloud);
      const broken = running.broken.then((sentence) => {
        throw new LocalError(`${sentence} The local cloud has been ended; start it again.`);
      });
      return await Promise.race([use(running), broken]);
    } finally {
      removeCloud();
      await running.stop();
    }
  } finally {
    release();
  }
}
