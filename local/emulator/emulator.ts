import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { endGroup } from "../../tools/run/command.ts";
import { LocalError } from "../../tools/run/local-error.ts";
import { root } from "../../tools/run/paths.ts";

/** A running emulator. */
export interface Emulator {
  readonly endpoint: string;
  /** Resolves when the emulator has ended, asked to or not. */
  readonly ended: Promise<void>;
  /** Ends it and the functions' workers. */
  readonly stop: () => Promise<void>;
}

/** What an emulator is started with. */
export interface EmulatorOptions {
  /** Of the environment that has MiniStack installed. */
  readonly python: string;
  /** Outside the checkout: Node would find packages above the functions' code that were not bundled. */
  readonly runFolder: string;
  readonly logFile: string;
  /** @default - a free one */
  readonly port?: number | undefined;
}

const HOST = "127.0.0.1";

/** How long it may take to answer, and to end by itself, which it does not while a request goes on. */
const START_MS = 20_000;
const STOP_MS = 10_000;

async function portOf(wanted: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.on("error", reject);
  server.listen(wanted, HOST, () => {
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : wanted;
    server.close(() => {
      resolve(port);
    });
  });
  try {
    return await promise;
  } catch (error) {
    throw new LocalError(
      `Port ${wanted} cannot be used (${String(error)}). Set LOCAL_CLOUD_PORT to another port, or leave it away to get a free one.`,
    );
  }
}

/** MiniStack passes what it has on to every function: nothing of the person's environment may be in it. */
function environmentOf(runFolder: string, port: number): Record<string, string> {
  return {
    HOME: runFolder,
    LANG: "C.UTF-8",
    PATH: `${join(root, "node_modules", "node", "bin")}:/usr/bin:/bin`,
    GATEWAY_PORT: String(port),
    BIND_HOST: HOST,
    IOT_MTLS_ENABLED: "0",
    SFTP_ENABLED: "0",
    LOG_LEVEL: "WARNING",
    TMPDIR: join(runFolder, "tmp"),
    STATE_DIR: join(runFolder, "state"),
    S3_DATA_DIR: join(runFolder, "s3"),
    LAMBDA_ASYNC_RETRY_BASE_SECONDS: "1",
    // Each worker holds about 86 MB; after a burst they should not stay for the default of 5 minutes.
    LAMBDA_WARM_TTL_SECONDS: "30",
  };
}

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(2000);
    const answer = await fetch(`${endpoint}/_ministack/health`, { signal });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

async function untilHealthy(endpoint: string, child: ChildProcess, logFile: string): Promise<void> {
  const until = Date.now() + START_MS;
  const isLost = () => child.exitCode !== null || Date.now() > until;
  while (!isLost() && !(await isHealthy(endpoint))) {
    await sleep(50);
  }
  // Somebody else may have taken the port in the meantime, and be the one who answers.
  if (isLost()) {
    throw new LocalError(
      `The emulator did not start. What it said is at the end of ${logFile}; mend that, and try again.`,
    );
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve();
    });
    child.once("error", () => {
      resolve();
    });
  });
}

/**
 * Starts MiniStack, and waits until it answers. It ends with this process, however that ends.
 *
 * @throws LocalError when the port is taken or the emulator does not start; none is left then.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { python, runFolder, logFile } = options;
  const port = await portOf(options.port ?? 0);
  const endpoint = `http://${HOST}:${port}`;
  for (const folder of ["tmp", "state", "s3"]) {
    mkdirSync(join(runFolder, folder), { recursive: true });
  }
  const log = openSync(logFile, "a");
  const child = spawn(python, [join(root, "local", "emulator", "emulator.py")], {
    cwd: runFolder,
    detached: true,
    stdio: ["pipe", log, log],
    env: environmentOf(runFolder, port),
  });
  closeSync(log);
  const ended = endOf(child);
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })]);
    endGroup(child);
    await ended;
  };
  try {
    await untilHealthy(endpoint, child, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, ended, stop };
}
