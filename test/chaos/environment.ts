import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

import { addAccount } from "../../commands/account/signing-keys.ts";
import { type Cloud, clientConfig } from "../../local/emulator/cloud.ts";
import { startCloud } from "../../local/emulator/start-cloud.ts";
import { startStreamDrivers } from "../../local/emulator/stream-drivers.ts";
import { type FreshdeskApi, startFreshdeskApi } from "../../local/freshdesk-api/freshdesk-api.ts";
import type { FreshdeskState } from "../../local/freshdesk-api/state.ts";
import { listen } from "../../local/sample-day/listener.ts";
import { root } from "../../tools/run/paths.ts";
import { type DeadLetters, openDeadLetters } from "./dead-letters.ts";
import {
  type DeployedFunction,
  findFunctions,
  findHistory,
  findReconcile,
} from "./deployed-functions.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy/fault-proxy.ts";
import { type HistoryRows, openHistoryRows } from "./history-rows.ts";
import { type Observer, openObserver } from "./observer.ts";
import { openStream } from "./stream-reader.ts";

/** A Freshdesk account with a signing key. */
export interface Account {
  readonly accountId: string;
  readonly signingKey: string;
  readonly hasCustomStatuses: boolean;
  /** The account's state in Freshdesk's API. */
  readonly freshdesk: FreshdeskState;
}

export interface AccountOptions {
  readonly name: string;
  readonly withoutCustomStatuses?: true;
}

/** The deployed hub, with a fault proxy between its functions and the services that they call. */
export interface Environment {
  readonly cloud: Cloud;
  readonly proxy: FaultProxy;
  readonly ingest: DeployedFunction;
  readonly publisher: DeployedFunction;
  readonly reconcile: DeployedFunction;
  readonly history: DeployedFunction;
  /** Compares an account's items in the history with the writes in the table's stream. */
  readonly historyRows: HistoryRows;
  /** The fake Freshdesk API, which reconcile reads. */
  readonly freshdesk: FreshdeskApi;
  readonly observer: Observer;
  readonly deadLetters: DeadLetters;
  readonly secretId: string;
  /** The accounts by the name given in the options. */
  readonly accounts: ReadonlyMap<string, Account>;
  /** Makes both functions call the proxy; needed again after each deployment. */
  readonly routeThroughProxy: () => Promise<void>;
  /** Reads the stream from its oldest record, as a new event source mapping does. */
  readonly restartMapping: () => Promise<void>;
  /** Returns the time of the functions' clock in epoch milliseconds. */
  readonly now: () => number;
  /** Sets the functions' clock ahead of the real time by a number of milliseconds; 0 resets it. */
  readonly setClockAhead: (milliseconds: number) => void;
  readonly stop: () => Promise<void>;
}

export interface EnvironmentOptions {
  readonly accounts: readonly AccountOptions[];
  readonly logFile: string;
  readonly onStep: (title: string) => void;
  readonly signal: AbortSignal;
}

/** Starts the local cloud, deploys the hub, and routes its functions through the fault proxy. */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const { logFile, onStep, signal } = options;
  const folder = mkdtempSync(join(tmpdir(), "agent-availability-chaos-"));
  const clock = createClock(folder);
  const states = options.accounts.map(stateOf);
  const freshdesk = await startFreshdeskApi(emptyState, { now: clock.now, otherAccounts: states });
  const cleanUps = [
    async () => {
      await Promise.resolve(rmSync(folder, { recursive: true, force: true }));
    },
    freshdesk.close,
  ];
  const stop = async () => {
    for (const cleanUp of cleanUps.toReversed()) {
      await cleanUp();
    }
  };
  try {
    const running = await startCloud({
      logFile,
      onStep,
      signal,
      freshdesk,
      stacks: ["AgentAvailabilityHistory"],
    });
    cleanUps.push(running.stop);
    const { cloud } = running;
    await running.driver.stop();
    const proxy = await startFaultProxy(cloud.endpoint);
    cleanUps.push(proxy.stop);
    const { ingest, publisher } = await findFunctions(cloud);
    const reconcile = await findReconcile(cloud);
    await reconcile.configure({ environmentVariables: clock.variables });
    const history = await findHistory(cloud);
    await history.configure({
      environmentVariables: { AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint },
    });
    const { HISTORY_TABLE_NAME: historyTable = "" } = await history.environmentVariables();
    const secretId = (await ingest.environmentVariables())["SIGNING_KEYS_SECRET_ARN"] ?? "";
    const accounts = await createAccounts({ options: options.accounts, states }, cloud, secretId);
    const deadLetters = await openDeadLetters(cloud);

    const routeThroughProxy = async () => {
      const variables = {
        AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint,
        AWS_ENDPOINT_URL_EVENTBRIDGE: proxy.endpoint,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: proxy.endpoint,
        AWS_ENDPOINT_URL_SQS: proxy.endpoint,
        ...clock.variables,
      };
      const DEAD_LETTER_QUEUE_URL = withOrigin(deadLetters.queueUrl, proxy.endpoint);
      await ingest.configure({ environmentVariables: variables });
      await publisher.configure({ environmentVariables: { ...variables, DEAD_LETTER_QUEUE_URL } });
    };
    await routeThroughProxy();

    const listener = await listen(cloud, "chaos");
    cleanUps.push(listener.close);
    const observer = openObserver({ cloud, listener, stream: await openStream(cloud) });

    // The driver also reads through the proxy, which can make records look older than they are.
    const startDriver = async () =>
      await startStreamDrivers({ ...cloud, endpoint: proxy.endpoint });
    let driver = await startDriver();
    cleanUps.push(async () => {
      await driver.stop();
    });
    const restartMapping = async () => {
      await driver.stop();
      driver = await startDriver();
    };

    return {
      cloud,
      proxy,
      ingest,
      publisher,
      reconcile,
      history,
      historyRows: openHistoryRows(cloud, historyTable),
      freshdesk,
      observer,
      deadLetters,
      secretId,
      accounts,
      routeThroughProxy,
      restartMapping,
      now: clock.now,
      setClockAhead: clock.setAhead,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Freshdesk without accounts: a request without a known API key is rejected. */
const emptyState: FreshdeskState = {
  accountId: 0,
  domain: "unknown.freshdesk.com",
  agents: new Map(),
  apiKeys: new Map(),
  isSuspended: false,
  hasAvailability: true,
  requestsPerMinute: 700,
};

/** Returns the state of a new account in Freshdesk's API. */
function stateOf({ withoutCustomStatuses }: AccountOptions, index: number): FreshdeskState {
  return {
    ...emptyState,
    accountId: 11_020_000_000 + index,
    domain: `chaos${index}.freshdesk.com`,
    agents: new Map(),
    apiKeys: new Map([[`chaosKey${index}`, "admin"]]),
    hasAvailability: withoutCustomStatuses !== true,
  };
}

interface NewAccounts {
  readonly options: readonly AccountOptions[];
  readonly states: readonly FreshdeskState[];
}

async function createAccounts({ options, states }: NewAccounts, cloud: Cloud, secretId: string) {
  const secrets = new SecretsManagerClient(clientConfig(cloud));
  const secret = { secrets, secretId, stage: cloud.stage };
  const accounts = new Map<string, Account>();
  for (const [index, freshdesk] of states.entries()) {
    const accountId = String(freshdesk.accountId);
    const hasCustomStatuses = options[index]?.withoutCustomStatuses !== true;
    const signingKey = await addAccount(secret, accountId, { hasCustomStatuses });
    accounts.set(options[index]?.name ?? "", {
      accountId,
      signingKey,
      hasCustomStatuses,
      freshdesk,
    });
  }
  return accounts;
}

/** Creates the functions' simulated clock. The functions read from a file how far it is ahead. */
export function createClock(folder: string) {
  const file = join(folder, "clock-ahead");
  const module = join(root, "test", "chaos", "simulated-clock.mjs");
  let ahead = 0;
  const setAhead = (milliseconds: number) => {
    ahead = milliseconds;
    writeFileSync(file, String(milliseconds));
  };
  setAhead(0);
  return {
    variables: {
      CLOCK_AHEAD_FILE: file,
      NODE_OPTIONS: `--import=${pathToFileURL(module).href}`,
    },
    setAhead,
    now: () => Date.now() + ahead,
  };
}

/** Replaces the origin of a URL. */
function withOrigin(url: string, origin: string): string {
  return url.replace(/^https?:\/\/[^/]+/, origin);
}
