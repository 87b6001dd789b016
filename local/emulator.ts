import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { LocalError } from "./local-error.ts";
import { root } from "./paths.ts";

/** A running emulator. */
export interface Emulator {
  readonly endpoint: string;
  readonly pid: number;
  /** Resolves when the emulator has ended, asked to or not. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
}

/** What an emulator is started with. */
export interface EmulatorOptions {
  readonly python: string;
  /** Outside the checkout: Node would find packages above the functions' code that were not bundled. */
  readonly runFolder: string;
  readonly logFile: string;
  /** @default - a free one */
  readonly port?: number | undefined;
}

const HOST = "127.0.0.1";

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
  } catch {
    throw new LocalError(
      `Port ${wanted} is taken, or may not be used. Set LOCAL_CLOUD_PORT to another, or leave it away to get a free one.`,
    );
  }
}

const sleep = async (milliseconds: number) =>
  await new Promise((resolve) => setTimeout(resolve, milliseconds));

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    const answer = await fetch(`${endpoint}/_ministack/health`, {
      signal: AbortSignal.timeout(2000),
    });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

/** The functions' workers are in the emulator's process group, and go with it. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) {
      process.kill(-pid, "SIGKILL");
    }
  } catch {
    // Nobody left: what was asked for.
  }
}

const START_MS = 20_000;

/** How long it may take to end by itself; with a request in flight it does not. */
const STOP_MS = 5000;

async function untilHealthy(endpoint: string, child: ChildProcess, logFile: string): Promise<void> {
  const until = Date.now() + START_MS;
  while (!(await isHealthy(endpoint))) {
    if (child.exitCode !== null || Date.now() > until) {
      throw new LocalError(`The emulator did not start. What it said is in ${logFile}.`);
    }
    await sleep(50);
  }
}

/**
 * Starts MiniStack with an environment of its own: it passes what it has on to every function.
 *
 * @throws LocalError when the port is taken or the emulator does not start.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { python, runFolder, logFile } = options;
  const port = await portOf(options.port ?? 0);
  const endpoint = `http://${HOST}:${port}`;
  for (const folder of ["tmp", "state", "s3"]) {
    mkdirSync(join(runFolder, folder), { recursive: true });
  }
  const log = openSync(logFile, "a");
  const child = spawn(python, ["-m", "ministack"], {
    cwd: runFolder,
    detached: true,
    stdio: ["ignore", log, log],
    env: {
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
    },
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve();
    });
    child.once("error", () => {
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await Promise.race([ended, sleep(STOP_MS)]);
    endGroup(child.pid);
    await ended;
  };
  try {
    await untilHealthy(endpoint, child, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, pid: child.pid ?? 0, ended, stop };
}
