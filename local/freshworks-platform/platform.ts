import { inspect } from "node:util";

import { type App, loadApp } from "./app.ts";
import { createDeadlines } from "./deadlines.ts";
import {
  createRequestMethod,
  type PlatformExchange,
  type PlatformRequest,
  type PlatformResponse,
} from "./requests.ts";
import { createSchedules, type Schedule, type ScheduleOperation } from "./schedules.ts";

export type { PlatformExchange, PlatformRequest, PlatformResponse } from "./requests.ts";

/** A line that the app wrote. */
export interface LogLine {
  readonly level: string;
  readonly text: string;
}

/** Freshworks' platform, as far as a serverless app meets it. */
export interface FreshworksPlatform {
  /** Installs the app. @returns the sentence with which it refused; nothing when it is installed. */
  readonly install: () => Promise<string | undefined>;
  /** Raises a product event in the app. Resolves when the handler has ended, well or not. */
  readonly raise: (event: string, payload: object) => Promise<void>;
  /** Fires the schedules that are due, or all with `ahead`. @returns how many. */
  readonly fireSchedules: (options?: { readonly ahead?: boolean }) => Promise<number>;
  readonly schedules: ReadonlyMap<string, Schedule>;
  readonly log: readonly LogLine[];
  readonly requests: readonly PlatformExchange[];
}

/** What the platform runs, for whom, and over which network. */
export interface PlatformOptions {
  readonly appFolder: string;
  readonly iparams: Readonly<Record<string, string>>;
  /** Throws for a connection that fails. */
  readonly send: (request: PlatformRequest) => Promise<PlatformResponse>;
  /** The clock of app and schedules. @default Date.now */
  readonly now?: () => number;
  /** The clock by which requests a minute are counted. @default now */
  readonly limitsNow?: () => number;
  /**
   * What a `$schedule` call is rejected with, before it has done anything. No page of the platform says what
   * else than its limits may go wrong there.
   *
   * @default - nothing
   */
  readonly scheduleFailure?: (operation: ScheduleOperation) => unknown;
}

const MOST_MESSAGE = 60;
const MOST_PAYLOAD_BYTES = 256 * 1024;

/** A log shows all of what it is given: an error's message and stack as well. */
function wordsOf(words: readonly unknown[]): string {
  return words.map((word) => (typeof word === "string" ? word : inspect(word))).join(" ");
}

/** The installation page asks for these; no other can be there. */
function assertEntered({ parameters }: App, iparams: Readonly<Record<string, string>>): void {
  const missing = Object.keys(parameters).filter(
    (name) => parameters[name]?.required === true && iparams[name] === undefined,
  );
  const unknown = Object.keys(iparams).filter((name) => parameters[name] === undefined);
  if (missing.length + unknown.length > 0) {
    throw new Error(
      `the installation parameters are wrong: missing ${missing.join(", ") || "none"}, unknown ${unknown.join(", ") || "none"}; allowed are those of config/iparams.json`,
    );
  }
}

function assertSmallEnough(payload: object): void {
  if (Buffer.byteLength(JSON.stringify(payload)) > MOST_PAYLOAD_BYTES) {
    throw new Error("the payload is of over 256 KB: the platform would not hand it over");
  }
}

/** The app's clock: the language's own `Date`, told the platform's time. */
function dateOf(now: () => number) {
  return class extends Date {
    constructor(...parts: readonly unknown[]) {
      const [first] = parts;
      super(typeof first === "string" || typeof first === "number" ? first : now());
    }

    static override now(): number {
      return now();
    }
  };
}

/** Runs an app as strictly as the platform is known to: only the globals that are known to be there. */
export function createFreshworksPlatform(options: PlatformOptions): FreshworksPlatform {
  const { appFolder, iparams, send, now = Date.now, limitsNow = now, scheduleFailure } = options;
  const log: LogLine[] = [];
  const exchanges: PlatformExchange[] = [];
  const { start, isOver, assertInTime } = createDeadlines(now);
  const { schedules, method: $schedule } = createSchedules(now, (operation) => {
    assertInTime();
    const failure = scheduleFailure?.(operation);
    if (failure !== undefined) {
      throw failure;
    }
  });
  let rendered: ((problem: string | undefined) => void) | undefined;

  const write =
    (level: string) =>
    (...words: readonly unknown[]) => {
      log.push({ level, text: wordsOf(words) });
    };
  const app: App = loadApp(appFolder, {
    console: { log: write("log"), info: write("info"), warn: write("warn"), error: write("error") },
    Date: dateOf(now),
    $schedule,
    $request: createRequestMethod({
      app: () => app,
      iparams,
      send,
      now,
      limitsNow,
      exchanges,
      assertInTime,
    }),
    renderData: (problem?: { readonly message?: string }) => {
      if (rendered === undefined) {
        throw new Error("renderData is there for the installation only");
      }
      rendered(problem && String(problem.message));
    },
  });

  assertEntered(app, iparams);

  async function handle(event: string, payload: object): Promise<void> {
    try {
      await app.handlerOf(event)(structuredClone({ timestamp: now(), ...payload, iparams }));
    } catch (error) {
      log.push({ level: "error", text: `unhandled: ${inspect(error)}` });
    }
    if (isOver()) {
      log.push({ level: "error", text: "unhandled: the handler took over 20 seconds" });
    }
  }

  async function run(event: string, payload: object): Promise<void> {
    assertSmallEnough(payload);
    await start(async () => {
      await handle(event, payload);
    });
  }

  async function install(): Promise<string | undefined> {
    const problems: (string | undefined)[] = [];
    rendered = (problem) => {
      problems.push(problem);
    };
    await run("onAppInstall", { event: "onAppInstall", region: "US" });
    rendered = undefined;
    if (problems.length !== 1) {
      throw new Error(
        `the app called renderData ${problems.length} times while it was installed; once is right`,
      );
    }
    const [problem] = problems;
    if (problem !== undefined && problem.length > MOST_MESSAGE) {
      throw new Error(`the message ${JSON.stringify(problem)} has over ${MOST_MESSAGE} characters`);
    }
    return problem;
  }

  /** Read only now: what fired before may have changed it. */
  async function fire(name: string, ahead: boolean): Promise<number> {
    const schedule = schedules.get(name);
    if (schedule === undefined || !(ahead || Date.parse(schedule.scheduleAt) <= now())) {
      return 0;
    }
    schedules.delete(name);
    await run("onScheduledEvent", {
      event: "onScheduledEvent",
      region: "US",
      data: schedule.data,
    });
    return 1;
  }

  async function fireSchedules({ ahead = false } = {}): Promise<number> {
    // What is parked while these fire is not fired with them.
    const names = [...schedules.keys()];
    let fired = 0;
    for (const name of names) {
      fired += await fire(name, ahead);
    }
    return fired;
  }

  return { install, raise: run, fireSchedules, schedules, log, requests: exchanges };
}

/** A network on which `https://{host}` of every request is another address: that of a local hub. */
export function sendTo(baseUrl: string) {
  return async (request: PlatformRequest): Promise<PlatformResponse> => {
    const url = request.url.replace(/^https:\/\/[^/]+/, baseUrl);
    const { method, headers, body } = request;
    // No page says that the platform follows a redirection.
    const response = await fetch(url, { method, headers, body, redirect: "manual" });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  };
}
