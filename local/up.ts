import { spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { join } from "node:path";

import { readFlags, wantedPort } from "./arguments.ts";
import { claimant } from "./claim.ts";
import { readCloud } from "./cloud.ts";
import type { KeeperMessage } from "./keeper.ts";
import { LocalError, runProgram } from "./local-error.ts";
import { localFolder, root } from "./paths.ts";

function words(seconds: number): string {
  const cloud = readCloud();
  if (cloud === undefined) {
    throw new LocalError(
      "The local cloud ended as soon as it was up. What it said is in .local/local-cloud.log.",
    );
  }
  return `
The local cloud is up (${seconds.toFixed(1)} s). What a client needs is in .local/cloud.json:

  ingest   ${cloud.ingestUrl}
  table    ${cloud.tableName}
  bus      ${cloud.busName}
  AWS      ${cloud.endpoint} (AWS_ENDPOINT_URL, region ${cloud.region})

npm run local:down ends it.`;
}

await runProgram(async () => {
  readFlags("npm run local:up", []);
  wantedPort();
  if (readCloud() !== undefined) {
    console.log(
      "The local cloud of this checkout is up already: see .local/cloud.json. npm run local:down ends it.",
    );
    return;
  }
  if (claimant() !== undefined) {
    throw new LocalError(
      "The local cloud of this checkout is being started by another command. Wait for it.",
    );
  }
  const started = performance.now();
  mkdirSync(localFolder, { recursive: true });
  const log = openSync(join(localFolder, "local-cloud.log"), "w");
  const keeper = spawn(process.execPath, [join(root, "local", "keeper.ts")], {
    cwd: root,
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const begun = new Map<string, number>();
  keeper.on("message", (message: KeeperMessage) => {
    if (message.kind === "begun") {
      begun.set(message.title, performance.now());
    } else if (message.kind === "done") {
      const seconds = (performance.now() - (begun.get(message.title) ?? 0)) / 1000;
      console.log(`✔ ${message.title} [${seconds.toFixed(1)} s]`);
    } else if (message.kind === "failed") {
      reject(new LocalError(message.sentence));
    } else {
      resolve();
    }
  });
  keeper.once("exit", () => {
    reject(
      new LocalError(
        "The local cloud could not be started. What it said is in .local/local-cloud.log.",
      ),
    );
  });
  const end = () => {
    keeper.kill("SIGTERM");
  };
  process.on("SIGINT", end).on("SIGTERM", end).on("SIGHUP", end);
  await promise;
  keeper.removeAllListeners("exit");
  keeper.unref();
  console.log(words((performance.now() - started) / 1000));
});
