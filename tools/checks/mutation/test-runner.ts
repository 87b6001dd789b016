import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import type { StrykerOptions } from "@stryker-mutator/api/core";
import type { Logger } from "@stryker-mutator/api/logging";
import { commonTokens, declareClassPlugin, PluginKind, tokens } from "@stryker-mutator/api/plugin";
import {
  determineHitLimitReached,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";

import { shareWithRelay } from "./relay-sandbox.ts";
import { context, TestFile } from "./test-file.ts";

/** Slower tests run only if no other test catches the fault. */
const SLOW_MS = 400;
/** Slower tests do not run. */
const TOO_SLOW_MS = Number(process.env["MUTATION_TEST_MS"] ?? "2000");

const isIn = (path: string, id: string) => id === path || id.startsWith(`${relative("", path)} > `);
const isFailed = ({ status }: TestResult) => status === TestStatus.Failed;

/** Runs tests in Stryker's own processes, which load each test file once, and not again for each fault. */
class InProcessTestRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.options, commonTokens.logger);

  readonly #paths: readonly string[];
  readonly #log: Logger;
  readonly #files = new Map<string, TestFile>();
  readonly #slow = new Set<string>();
  readonly #reloaded = new Set<string>();
  readonly #skipped = new Set<string>();

  constructor({ testFiles }: StrykerOptions, log: Logger) {
    this.#paths = testFiles.map((path) => resolve(path));
    this.#log = log;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    process.env["TEST_FILE_MINUTES"] = "1440";
    await import(new URL("global-setup.js", import.meta.resolve("jest-light-runner")).href);
    await import(pathToFileURL(resolve("test/setup/own-modules.mjs")).href);
    shareWithRelay(context);
  }

  /** Runs each file twice, and keeps the tests that pass both times and are not too slow. */
  async dryRun(): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    for (const path of this.#paths) {
      for (const { id, timeSpentMs } of await this.#runUntilAllPass(path)) {
        if (timeSpentMs > TOO_SLOW_MS) {
          this.#skip(id, `it takes ${Math.round(timeSpentMs)} ms`);
        }
      }
      tests.push(...(await this.#runUntilAllPass(path)));
    }
    const { mutantCoverage = { static: {}, perTest: {} } } = context;
    for (const id of this.#skipped) {
      delete mutantCoverage.perTest[id];
    }
    this.#log.info(`${tests.length} of ${tests.length + this.#skipped.size} tests run`);
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  /** Reports a fault as caught if a test fails with it and passes without it. */
  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, hitLimit, reloadEnvironment, testFilter = this.#paths } = options;
    for (;;) {
      Object.assign(context, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
      const tests = await this.#run(testFilter, reloadEnvironment);
      const endless = determineHitLimitReached(context.hitCount, hitLimit);
      Object.assign(context, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined });
      const result = toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests });
      if (endless || !tests.some(isFailed)) {
        return result;
      }
      const ids = tests.map(({ id }) => id);
      const failed = (await this.#run(ids, reloadEnvironment)).find(isFailed);
      if (!failed) {
        return result;
      }
      this.#distrust(failed);
    }
  }

  async #runUntilAllPass(path: string): Promise<TestResult[]> {
    for (;;) {
      const results = await this.#run([path], false);
      const failed = results.find(isFailed);
      if (!failed) {
        return results;
      }
      this.#distrust(failed);
    }
  }

  /** Reloads the file of a test that fails without a fault before each run. If it fails again, skips the test. */
  #distrust(failed: TestResult): void {
    const path = this.#paths.find((each) => isIn(each, failed.id)) ?? failed.id;
    if (!this.#reloaded.has(path)) {
      this.#reloaded.add(path);
      return;
    }
    const reason = "failureMessage" in failed ? failed.failureMessage : "";
    this.#skip(failed.id, `it fails without a fault: ${reason}`);
  }

  #skip(id: string, reason: string): void {
    this.#skipped.add(id);
    this.#log.warn(`skipped "${id}", because ${reason}`);
  }

  /** Runs tests up to the first that fails, the slow ones last. @param selected test IDs, or paths of test files */
  async #run(selected: readonly string[], isReload: boolean): Promise<TestResult[]> {
    const wanted = new Set(selected);
    const slow = new Set(this.#slow);
    const results: TestResult[] = [];
    const paths = this.#paths.filter((path) => selected.some((each) => isIn(path, each)));
    const reloaded = isReload ? new Set(paths) : this.#reloaded;
    for (const path of paths.filter((each) => reloaded.has(each))) {
      this.#files.delete(path);
    }
    for (const isLast of [false, true]) {
      for (const path of paths) {
        const isNow = (id: string) =>
          (wanted.has(path) || wanted.has(id)) &&
          (slow.has(id) && !reloaded.has(path)) === isLast &&
          !this.#skipped.has(id);
        results.push(...(await this.#runFile(path, isNow)));
        if (results.some(isFailed)) {
          return results;
        }
      }
    }
    for (const { id } of results.filter(({ timeSpentMs }) => timeSpentMs > SLOW_MS)) {
      this.#slow.add(id);
    }
    return results;
  }

  async #runFile(path: string, isNow: (id: string) => boolean): Promise<TestResult[]> {
    if (this.#skipped.has(path)) {
      return [];
    }
    try {
      const file = this.#files.get(path) ?? (await TestFile.load(path));
      this.#files.set(path, file);
      return await file.run(file.ids.filter(isNow));
    } catch (error) {
      const failure = { status: TestStatus.Failed, failureMessage: String(error) } as const;
      return [{ id: path, name: path, timeSpentMs: 0, ...failure }];
    }
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, "in-process", InProcessTestRunner),
];
