import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { endGroup } from "../../tools/run/command.ts";
import { LocalError } from "../../tools/run/local-error.ts";
import { root } from "../../tools/run/paths.ts";

export interface Emulator {
  readonly endpoint: string;
  /** Resolves when the emulator has ended, expectedly or not. */
  readonly ended: Promise<void>;
  /** Ends the emulator and the functions' workers. */
  readonly stop: () => Promise<void>;
}

export interface EmulatorOptions {
  /** The Python of the environment in which MiniStack is installed. */
  readonly python: string;
  /** A folder outside the checkout, so that functions find no packages except those in their bundle. */
  readonly runFolder: string;
  readonly logFile: string;
  /** @default - a free port */
  readonly port?: number | undefined;
}

const HOST = "127.0.0.1";

/** On a busy machine, the start can take a minute. */
const START_TIMEOUT_MS = 300_000;

/** The emulator does not end while it processes a request. */
const STOP_TIMEOUT_MS = 10_000;

async function portOf(requested: number): Promise<number> {
  const server = createServer();
  try {
    await once(server.listen(requested, HOST), "listening");
    const address = server.address();
    await once(server.close(), "close");
    return typeof address === "object" && address ? address.port : requested;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new LocalError(
      `Port ${requested} cannot be used: ${cause}. Set LOCAL_CLOUD_PORT to another port, or unset it to use a free one.`,
    );
  }
}

/** MiniStack passes its environment to every function, so it gets none of the developer's variables. */
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
    // Each worker uses about 86 MB. The default is 5 minutes.
    LAMBDA_WARM_TTL_SECONDS: "30",
  };
}

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(2000);
    const response = await fetch(`${endpoint}/_ministack/health`, { signal });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

async function untilHealthy(endpoint: string, child: ChildProcess, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  const hasFailed = () => child.exitCode !== null || Date.now() > deadline;
  while (!hasFailed() && !(await isHealthy(endpoint))) {
    await sleep(50);
  }
  // Another process may have taken the port in the meantime and respond in its place.
  if (hasFailed()) {
    throw new LocalError(
      `The emulator did not start. Its output is at the end of ${logFile}. Fix the cause and try again.`,
    );
  }
}

/** Resolves when a process has ended, or could not be started. */
async function endOf(child: ChildProcess): Promise<void> {
  await once(child, "exit").catch(() => undefined);
}

/**
 * Starts MiniStack and waits until it responds. It ends with this process, however that ends.
 *
 * @throws LocalError if the port is taken or the emulator does not start; nothing is left running.
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
    await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
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
