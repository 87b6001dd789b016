import { inspect } from "node:util";

import { type App, loadApp } from "./app.ts";
import { createExecutions, type Execution } from "./executions.ts";
import { assertEntered } from "./iparams.ts";
import type { RejectionBody } from "./rejection.ts";
import { createRequestMethod, type PlatformExchange, type PlatformResponse } from "./requests.ts";
import {
  createSchedules,
  type FiredSchedule,
  type Schedule,
  type ScheduleOperation,
} from "./schedules.ts";
import type { PlatformRequest } from "./templates.ts";

/** A line of the app's log. */
export interface LogLine {
  readonly level: "info" | "error";
  readonly text: string;
}

/** Freshworks' platform, as far as a serverless app uses it. */
export interface FreshworksPlatform {
  /** Installs the app. @returns the message with which the app rejected it; undefined if it is installed. */
  readonly install: (payload?: object) => Promise<string | undefined>;
  /** Raises a product event. Resolves when the handler has ended, successfully or not. */
  readonly raise: (event: string, payload: object) => Promise<void>;
  /** Fires the schedules that are due, or all of them with `ahead`. @returns how many fired. */
  readonly fireSchedules: (options?: { readonly ahead?: boolean }) => Promise<number>;
  /** The schedules that have not fired. */
  readonly schedules: ReadonlyMap<string, Schedule>;
  /** The schedules that have fired and still exist. */
  readonly firedSchedules: ReadonlyMap<string, Schedule>;
  readonly log: readonly LogLine[];
  readonly requests: readonly PlatformExchange[];
}

/** Behavior of the platform that its documentation leaves open or contradicts. */
export interface PlatformBehavior {
  /** @default "disappears" */
  readonly firedSchedule?: FiredSchedule;
  /** @default "response as text" */
  readonly rejectionBody?: RejectionBody;
  /** Handlers that can call `renderData`. @default "every handler" */
  readonly renderData?: "every handler" | "installation only";
  /** Whether every log line fails. @default false */
  readonly logFails?: boolean;
  /** Whether the installation page checks the patterns of `iparams.json`. @default true */
  readonly checksPatterns?: boolean;
}

/** The app that the platform runs, its installation parameters, and the network. */
export interface PlatformOptions extends PlatformBehavior {
  readonly appFolder: string;
  readonly iparams: Readonly<Record<string, string>>;
  /** Throws if the connection fails. */
  readonly send: (request: PlatformRequest) => Promise<PlatformResponse>;
  /** The clock of app and schedules. @default Date.now */
  readonly now?: () => number;
  /** The clock by which requests per minute are counted. @default now */
  readonly limitsNow?: () => number;
  /** Returns the value with which a `$schedule` call is rejected before it has an effect. @default - nothing */
  readonly scheduleFailure?: (operation: ScheduleOperation) => unknown;
}

const MAX_MESSAGE_LENGTH = 60;
const MAX_PAYLOAD_BYTES = 256 * 1024;

function assertSmallEnough(payload: object): void {
  if (Buffer.byteLength(JSON.stringify(payload)) > MAX_PAYLOAD_BYTES) {
    throw new Error("a payload must be at most 256 KB");
  }
}

/** Returns a `Date` for the app that shows the platform's time. */
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

/** Returns the log, and a console with the methods that the platform documents. */
function createLog(fails: boolean) {
  const log: LogLine[] = [];
  const write =
    (level: LogLine["level"]) =>
    (...values: readonly unknown[]) => {
      if (fails) {
        throw new Error("the log is not available");
      }
      const texts = values.map((value) => (typeof value === "string" ? value : inspect(value)));
      log.push({ level, text: texts.join(" ") });
    };
  return { log, console: { info: write("info"), error: write("error") } };
}

/** Runs an app with only the globals that the platform documents. */
export function createFreshworksPlatform(options: PlatformOptions): FreshworksPlatform {
  const { appFolder, iparams, send, now = Date.now, limitsNow = now, scheduleFailure } = options;
  const { firedSchedule = "disappears", rejectionBody = "response as text" } = options;
  const { renderData = "every handler", checksPatterns = true, logFails = false } = options;
  const { log, console } = createLog(logFails);
  const exchanges: PlatformExchange[] = [];
  const executions = createExecutions(now);
  const { assertInTime } = executions;
  const schedules = createSchedules({
    now,
    firedSchedule,
    begin: (operation) => {
      assertInTime();
      const failure = scheduleFailure?.(operation);
      if (failure !== undefined) {
        throw failure;
      }
    },
  });
  const mayRender = (event: string) => renderData === "every handler" || event === "onAppInstall";
  const dependencies = { iparams, send, now, limitsNow, exchanges, assertInTime, rejectionBody };
  const app: App = loadApp(appFolder, {
    console,
    Date: dateOf(now),
    $schedule: schedules.method,
    $request: createRequestMethod({ app: () => app, ...dependencies }),
    renderData: (problem?: { readonly message?: string }) => {
      const execution = executions.current();
      if (execution === undefined || !mayRender(execution.event)) {
        throw new Error("renderData is available during the installation only");
      }
      execution.renderedMessages.push(problem && String(problem.message));
    },
  });
  assertEntered(app.parameters, iparams, checksPatterns);

  function logHandlerFailure(text: string): void {
    log.push({ level: "error", text: `unhandled: ${text}` });
  }

  function checkEnd(execution: Execution): void {
    if (executions.isOver(execution)) {
      logHandlerFailure("the handler took more than 20 seconds");
    }
    if (mayRender(execution.event) && execution.renderedMessages.length !== 1) {
      logHandlerFailure(
        `the handler called renderData ${execution.renderedMessages.length} times, not once`,
      );
    }
  }

  async function run(event: string, payload: object): Promise<Execution> {
    assertSmallEnough(payload);
    const execution = await executions.run(event, async () => {
      try {
        await app.handlerOf(event)(structuredClone({ timestamp: now(), ...payload, iparams }));
      } catch (error) {
        logHandlerFailure(inspect(error));
      }
    });
    checkEnd(execution);
    return execution;
  }

  async function install(payload: object = {}): Promise<string | undefined> {
    const event = "onAppInstall";
    const { renderedMessages } = await run(event, { event, region: "US", ...payload });
    const [message] = renderedMessages;
    if (renderedMessages.length !== 1) {
      throw new Error("the app must call renderData once during the installation");
    }
    if (message !== undefined && message.length > MAX_MESSAGE_LENGTH) {
      throw new Error(
        `the message must contain at most ${MAX_MESSAGE_LENGTH} characters (got "${message}")`,
      );
    }
    return message;
  }

  /** Reads the schedule only now, because one that fired earlier may have changed it. */
  async function fire(name: string, ahead: boolean): Promise<number> {
    const schedule = schedules.schedules.get(name);
    if (schedule === undefined || !(ahead || Date.parse(schedule.scheduleAt) <= now())) {
      return 0;
    }
    schedules.markFired(name, schedule);
    const event = "onScheduledEvent";
    await run(event, { event, region: "US", data: schedule.data });
    return 1;
  }

  async function fireSchedules({ ahead = false } = {}): Promise<number> {
    // Schedules that are created while these fire do not fire with them.
    const names = [...schedules.schedules.keys()];
    let count = 0;
    for (const name of names) {
      count += await fire(name, ahead);
    }
    return count;
  }

  return {
    install,
    raise: async (event, payload) => {
      await run(event, payload);
    },
    fireSchedules,
    schedules: schedules.schedules,
    firedSchedules: schedules.fired,
    log,
    requests: exchanges,
  };
}
