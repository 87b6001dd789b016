import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";

import { readFlags, wantedPort } from "./arguments.ts";
import { cloudLockFile, lockHolderOf } from "../tools/run/lock-file.ts";
import { readCloud } from "./cloud.ts";
import { alreadyUp } from "./keep.ts";
import type { KeeperMessage } from "./keeper.ts";
import { LocalError, runProgram } from "../tools/run/local-error.ts";
import { defaultLogFile, localFolder, root } from "../tools/run/paths.ts";
import { endRequested } from "../tools/run/signals.ts";
import { showStep } from "./steps.ts";

/** The process that has the cloud up when this one has ended. */
function startKeeper(): ChildProcess {
  mkdirSync(localFolder, { recursive: true });
  const log = openSync(defaultLogFile, "a");
  const keeper = spawn(process.execPath, [join(root, "local", "keeper.ts")], {
    cwd: root,
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  return keeper;
}

/** Shows a step, after those before it, until it is through. */
async function showNext(before: Promise<void>, title: string, through: Promise<void>) {
  await before;
  await showStep(title, async () => {
    await through;
  });
}

/** Shows the keeper's steps. Resolves when the cloud is up, and rejects when the keeper says why not. */
async function showSteps(keeper: ChildProcess): Promise<void> {
  const ready = Promise.withResolvers<void>();
  let step = Promise.withResolvers<void>();
  let shown = Promise.resolve();
  const fail = (sentence: string) => {
    step.reject(new LocalError(sentence));
    ready.reject(new LocalError(sentence));
  };
  // Whichever of the two is not waited for any more.
  step.promise.catch(() => undefined);
  ready.promise.catch(() => undefined);
  keeper.on("message", (message: KeeperMessage) => {
    if (message.kind === "failed") {
      fail(message.sentence);
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
  keeper.once("exit", () => {
    fail(`The local cloud could not be started. What it said is in ${defaultLogFile}.`);
  });
  try {
    await ready.promise;
  } finally {
    await shown;
  }
}

async function startInBackground(): Promise<void> {
  const signal = endRequested();
  const keeper = startKeeper();
  const ended = once(keeper, "exit");
  signal.addEventListener("abort", () => {
    keeper.kill("SIGTERM");
  });
  try {
    await showSteps(keeper);
  } catch (error) {
    await ended;
    signal.throwIfAborted();
    throw error;
  }
  keeper.removeAllListeners();
  keeper.unref();
}

await runProgram(async () => {
  readFlags("npm run local:up", []);
  wantedPort();
  if (readCloud() !== undefined) {
    console.log(
      "The local cloud of this checkout is up already: .local/cloud.json describes it, npm run local:down ends it.",
    );
    return 0;
  }
  if (lockHolderOf(cloudLockFile) !== undefined) {
    throw alreadyUp();
  }
  await startInBackground();
  const cloud = readCloud();
  if (cloud === undefined) {
    throw new LocalError(
      `The local cloud ended as soon as it was up. What it said is in ${defaultLogFile}.`,
    );
  }
  console.log(`
The local cloud is up. What a client needs is in .local/cloud.json:

  hub      ${cloud.ingestUrl}
  table    ${cloud.tableName}
  bus      ${cloud.busName}
  AWS      ${cloud.endpoint}, region ${cloud.region}

Its log is ${cloud.logFile}. npm run local:down ends it.`);
  return 0;
});
