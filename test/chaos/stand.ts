import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { startStreamDriver, createSigningKey } from "../../local/emulator/after-deploy.ts";
import type { Cloud } from "../../local/emulator/cloud.ts";
import { startCloud } from "../../local/emulator/start-cloud.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy/proxy.ts";
import { root } from "../../tools/run/paths.ts";
import { listen } from "../../local/sample-day/listener.ts";
import { type DeployedFunction, findFunctions } from "./functions.ts";
import { openWitness, type Witness } from "./witness.ts";
import { openDeadLetters, type DeadLetters } from "./dead-letters.ts";
import { openStream } from "./stream-reader.ts";

/** A Freshdesk account that a scenario has for itself. */
export interface Account {
  readonly accountId: string;
  readonly signingKey: string;
}

/** The deployed system with the proxy between it and what it calls. */
export interface Stand {
  readonly cloud: Cloud;
  readonly proxy: FaultProxy;
  readonly ingest: DeployedFunction;
  readonly publisher: DeployedFunction;
  readonly witness: Witness;
  readonly deadLetters: DeadLetters;
  readonly secretId: string;
  /** By the name of the scenario. */
  readonly accounts: ReadonlyMap<string, Account>;
  /** Points both functions at the proxy, as after each deployment. */
  readonly attach: () => Promise<void>;
  /** Begins the stream from where it is kept, as a mapping that is made anew does. */
  readonly restartMapping: () => Promise<void>;
  /** The functions' clock: epoch milliseconds. */
  readonly now: () => number;
  /** Sets the functions' clock ahead of the real one, in milliseconds; 0 sets it right. */
  readonly setClockAhead: (milliseconds: number) => void;
  readonly stop: () => Promise<void>;
}

/** How a stand is made. */
export interface StandOptions {
  /** For each of these names an account is made. */
  readonly accounts: readonly string[];
  readonly logFile: string;
  readonly onStep: (title: string) => void;
  readonly signal: AbortSignal;
}

function createClock(folder: string) {
  const file = join(folder, "clock-ahead");
  let ahead = 0;
  const set = (milliseconds: number) => {
    ahead = milliseconds;
    writeFileSync(file, String(milliseconds));
  };
  set(0);
  return { file, set, now: () => Date.now() + ahead };
}

function viaProxy(endpoint: string, url: string): string {
  return url.replace(/^https?:\/\/[^/]+/, endpoint);
}

/** Starts the local cloud, deploys, and puts the proxy in between. */
export async function startStand(options: StandOptions): Promise<Stand> {
  const { logFile, onStep, signal } = options;
  const folder = mkdtempSync(join(tmpdir(), "agent-availability-fire-"));
  const running = await startCloud({ logFile, onStep, signal });
  const stops = [
    running.stop,
    async () => {
      await Promise.resolve(rmSync(folder, { recursive: true, force: true }));
    },
  ];
  const stop = async () => {
    for (const each of stops.toReversed()) {
      await each();
    }
  };
  try {
    const { cloud } = running;
    await running.driver.stop();
    const proxy = await startFaultProxy(cloud.endpoint);
    stops.push(proxy.stop);
    const { ingest, publisher } = await findFunctions(cloud);
    const secretId = (await ingest.environment())["SIGNING_KEYS_SECRET_ARN"] ?? "";
    const accounts = new Map<string, Account>();
    for (const [index, name] of options.accounts.entries()) {
      const accountId = String(11_020_000_000 + index);
      accounts.set(name, {
        accountId,
        signingKey: await createSigningKey(cloud, secretId, accountId),
      });
    }
    const deadLetters = await openDeadLetters(cloud);
    const clock = createClock(folder);
    const common = {
      AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint,
      AWS_ENDPOINT_URL_EVENTBRIDGE: proxy.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: proxy.endpoint,
      AWS_ENDPOINT_URL_SQS: proxy.endpoint,
      CLOCK_AHEAD_FILE: clock.file,
      NODE_OPTIONS: `--import=${pathToFileURL(join(root, "test", "chaos", "shifted-clock.mjs")).href}`,
    };
    const attach = async () => {
      await ingest.configure({ environment: common });
      const DEAD_LETTER_QUEUE_URL = viaProxy(proxy.endpoint, deadLetters.queueUrl);
      await publisher.configure({ environment: { ...common, DEAD_LETTER_QUEUE_URL } });
    };
    await attach();
    const listener = await listen(cloud, "fire");
    stops.push(listener.close);
    const witness = openWitness({ cloud, listener, stream: await openStream(cloud) });
    // The mapping's driver goes through the proxy too: what it reads can be made to look old.
    let driver = await startStreamDriver({ ...cloud, endpoint: proxy.endpoint });
    stops.push(async () => {
      await driver.stop();
    });
    const restartMapping = async () => {
      await driver.stop();
      driver = await startStreamDriver({ ...cloud, endpoint: proxy.endpoint });
    };
    const { now, set: setClockAhead } = clock;
    return {
      cloud,
      proxy,
      ingest,
      publisher,
      witness,
      deadLetters,
      secretId,
      accounts,
      attach,
      restartMapping,
      now,
      setClockAhead,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
