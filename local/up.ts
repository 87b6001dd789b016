import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";

import { LocalError, runProgram } from "../tools/run/local-error.ts";
import { cloudLockFile, lockHolderOf } from "../tools/run/lock-file.ts";
import { defaultLogFile, localFolder, root } from "../tools/run/paths.ts";
import { createEndSignal } from "../tools/run/signals.ts";
import { readFlags, requestedPort } from "./arguments.ts";
import type { BackgroundMessage } from "./emulator/background.ts";
import { readCloud } from "./emulator/cloud.ts";
import { alreadyRunningError } from "./emulator/with-cloud.ts";
import { formatNextSteps } from "./next-steps.ts";
import { showStep } from "./steps.ts";

/** Starts the process that runs the cloud after this one has ended. */
function startBackground(): ChildProcess {
  mkdirSync(localFolder, { recursive: true });
  const log = openSync(defaultLogFile, "a");
  const background = spawn(process.execPath, [join(root, "local", "emulator", "background.ts")], {
    cwd: root,
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  return background;
}

/** Shows a step after the previous ones, until it is done. */
async function showNext(previous: Promise<void>, title: string, done: Promise<void>) {
  await previous;
  await showStep(title, async () => {
    await done;
  });
}

/** Shows the steps of the background process. Resolves when the cloud is ready; rejects if it fails. */
async function showSteps(background: ChildProcess): Promise<void> {
  const ready = Promise.withResolvers<void>();
  let step = Promise.withResolvers<void>();
  let shown = Promise.resolve();
  const fail = (problem: string) => {
    step.reject(new LocalError(problem));
    ready.reject(new LocalError(problem));
  };
  // Prevents an unhandled rejection if nothing awaits one of the two.
  step.promise.catch(() => undefined);
  ready.promise.catch(() => undefined);
  background.on("message", (message: BackgroundMessage) => {
    if (message.kind === "failed") {
      fail(message.problem);
      return;
    }
    step.resolve();
    if (message.kind === "ready") {
      ready.resolve();
      return;
    }
    step = Promise.withResolvers();
    shown = showNext(shown, message.title, step.promise);
    shown.catch(() => undefined);
  });
  background.once("exit", () => {
    fail(`The local cloud could not be started. Its log is ${defaultLogFile}.`);
  });
  try {
    await ready.promise;
  } finally {
    await shown;
  }
}

async function startInBackground(): Promise<void> {
  const signal = createEndSignal();
  const background = startBackground();
  const ended = once(background, "exit");
  signal.addEventListener("abort", () => {
    background.kill("SIGTERM");
  });
  try {
    await showSteps(background);
  } catch (error) {
    await ended;
    signal.throwIfAborted();
    throw error;
  }
  background.removeAllListeners();
  background.unref();
}

await runProgram(async () => {
  readFlags("npm run local:up", []);
  requestedPort();
  if (readCloud() === undefined) {
    if (lockHolderOf(cloudLockFile) !== undefined) {
      throw alreadyRunningError();
    }
    await startInBackground();
  }
  const cloud = readCloud();
  if (cloud === undefined) {
    throw new LocalError(
      `The local cloud stopped as soon as it was ready. Its log is ${defaultLogFile}.`,
    );
  }
  console.log(`
The local cloud is running. "npm run local:down" stops it.

  board    ${cloud.boardUrl ?? ""}
  hub      ${cloud.ingestUrl}
  table    ${cloud.tableName}
  bus      ${cloud.busName}
  AWS      ${cloud.endpoint}, region ${cloud.region}

${formatNextSteps(cloud)}`);
  return 0;
});
