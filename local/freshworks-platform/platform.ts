import { loadApp } from "./app.ts";
import {
  createRequestMethod,
  type PlatformExchange,
  type PlatformRequest,
  type PlatformResponse,
} from "./requests.ts";
import { createSchedules, type Schedule } from "./schedules.ts";

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
}

const HANDLER_MS = 20_000;
const MOST_MESSAGE = 60;

function wordsOf(words: readonly unknown[]): string {
  return words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" ");
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
  const { appFolder, iparams, send, now = Date.now, limitsNow = now } = options;
  const log: LogLine[] = [];
  const exchanges: PlatformExchange[] = [];
  const { schedules, method: schedule } = createSchedules(now);
  let rendered: ((problem: string | undefined) => void) | undefined;

  const write =
    (level: string) =>
    (...words: readonly unknown[]) => {
      log.push({ level, text: wordsOf(words) });
    };
  const app = loadApp(appFolder, {
    console: { log: write("log"), info: write("info"), warn: write("warn"), error: write("error") },
    Date: dateOf(now),
    $schedule: schedule,
    $request: createRequestMethod({ app: () => app, iparams, send, now, limitsNow, exchanges }),
    renderData: (problem?: { readonly message?: string }) => {
      if (rendered === undefined) {
        throw new Error("renderData is there for the installation only");
      }
      rendered(problem?.message);
    },
  });

  async function run(event: string, payload: object): Promise<void> {
    const started = now();
    try {
      await app.handlerOf(event)(
        structuredClone({
          ...payload,
          iparams,
          timestamp: now(),
          ...("timestamp" in payload && { timestamp: payload.timestamp }),
        }),
      );
    } catch (error) {
      log.push({ level: "error", text: `unhandled: ${String(error)}` });
    }
    if (now() - started > HANDLER_MS) {
      log.push({ level: "error", text: "unhandled: the handler took over 20 seconds" });
    }
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

  async function fireSchedules({ ahead = false } = {}): Promise<number> {
    const due = [...schedules].filter(
      ([, { scheduleAt }]) => ahead || Date.parse(scheduleAt) <= now(),
    );
    for (const [name, { data }] of due) {
      schedules.delete(name);
      await run("onScheduledEvent", { event: "onScheduledEvent", region: "US", data });
    }
    return due.length;
  }

  return { install, raise: run, fireSchedules, schedules, log, requests: exchanges };
}

/** A network on which `https://{host}` of every request is another address: that of a local hub. */
export function sendTo(baseUrl: string) {
  return async (request: PlatformRequest): Promise<PlatformResponse> => {
    const url = request.url.replace(/^https:\/\/[^/]+/, baseUrl);
    const { method, headers, body } = request;
    const response = await fetch(url, { method, headers, body });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  };
}
