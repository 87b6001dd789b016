import { createRequire } from "node:module";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";

import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from "@stryker-mutator/api/core";
import { type TestResult, TestStatus } from "@stryker-mutator/api/test-runner";
import { getState, resetState } from "jest-circus";

type Block = ReturnType<typeof getState>["rootDescribeBlock"];
type Test = Block["tests"][number];
type Hook = Block["hooks"][number];
type Step = Hook["fn"];

const { cache } = createRequire(import.meta.url);
/** The code that Stryker inserts into the mutated files reads the active fault here, and counts what runs. */
export const context: InstrumenterContext = {};
Reflect.set(globalThis, INSTRUMENTER_CONSTANTS.NAMESPACE, context);
let loads = 0;

/** Returns the active mocks of SDK clients. They replace `send` of a client's prototype. */
function mocksOfClients() {
  const packages = Object.entries(cache).filter(([path]) => path.includes("/@aws-sdk/client-"));
  return packages.flatMap(([, loaded]) => {
    const content: unknown = loaded?.exports;
    return Object.values(content ?? {}).flatMap((exported: unknown) => {
      const prototype: unknown = typeof exported === "function" ? exported.prototype : undefined;
      const send: unknown = Object.getOwnPropertyDescriptor(prototype ?? {}, "send")?.value;
      const isMock = typeof send === "function" && "isSinonProxy" in send;
      return prototype instanceof Object && isMock ? [{ prototype, send }] : [];
    });
  });
}

/** Saves the environment and the console. @returns the function that restores them */
function saveProcess(): () => void {
  const environment = { ...process.env };
  const methods = { ...console };
  return () => {
    for (const name of Object.keys(process.env)) {
      Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, environment);
    Object.assign(console, methods);
  };
}

const nameOf = (entry: Test | Block): string =>
  entry.parent?.parent ? `${nameOf(entry.parent)} > ${entry.name}` : entry.name;

const testsIn = (block: Block): Test[] =>
  block.children.flatMap((child) => (child.type === "test" ? [child] : testsIn(child)));

const blocksAround = (entry: Test | Block): Block[] =>
  entry.parent ? [...blocksAround(entry.parent), entry.parent] : [];

const hooksOf = (blocks: readonly Block[], type: Hook["type"]): Step[] =>
  blocks.flatMap(({ hooks }) => hooks.filter((hook) => hook.type === type).map(({ fn }) => fn));

/** Runs the steps up to the first that fails. @returns the error message, if one fails */
async function run(steps: readonly Step[]): Promise<string | undefined> {
  try {
    for (const step of steps) {
      await Reflect.apply(step, undefined, []);
    }
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/**
 * A test file in this process. It has its own instances of the project's modules, and shares packages with
 * other files. The hooks `beforeAll` run once, when the file is loaded; `afterAll` does not run.
 */
export class TestFile {
  readonly #tests = new Map<string, Test>();
  #restoreInside = () => {};
  #restoreOutside = saveProcess();
  #mocks: ReturnType<typeof mocksOfClients> = [];

  /** @throws if the file, or one of its hooks, fails */
  static async load(path: string): Promise<TestFile> {
    const file = new TestFile();
    try {
      await file.#load(path);
    } finally {
      file.#leave();
    }
    return file;
  }

  async #load(path: string): Promise<void> {
    loads += 1;
    resetState();
    await import(`${pathToFileURL(path).href}?${loads}`);
    const tests = testsIn(getState().rootDescribeBlock);
    for (const test of tests) {
      const id = `${relative("", path)} > ${nameOf(test)}`;
      this.#tests.set(this.#tests.has(id) ? `${id} (${this.#tests.size})` : id, test);
    }
    const failure = await run(hooksOf([...new Set(tests.flatMap(blocksAround))], "beforeAll"));
    if (failure !== undefined) {
      throw new Error(failure);
    }
    this.#mocks = mocksOfClients();
    this.#restoreInside = saveProcess();
  }

  get ids(): readonly string[] {
    return [...this.#tests.keys()];
  }

  /** Runs tests up to the first that fails. */
  async run(ids: readonly string[]): Promise<TestResult[]> {
    const results: TestResult[] = [];
    this.#restoreInside();
    for (const { prototype, send } of this.#mocks) {
      Object.assign(prototype, { send });
    }
    for (const id of ids) {
      const start = performance.now();
      context.currentTestId = id;
      const failure = await this.#runTest(id);
      delete context.currentTestId;
      const result = { id, name: id, timeSpentMs: performance.now() - start };
      if (failure !== undefined) {
        results.push({ ...result, status: TestStatus.Failed, failureMessage: failure });
        break;
      }
      results.push({ ...result, status: TestStatus.Success });
    }
    this.#leave();
    return results;
  }

  async #runTest(id: string): Promise<string | undefined> {
    const test = this.#tests.get(id);
    if (!test) {
      return "test not found";
    }
    const blocks = blocksAround(test);
    const failure = await run([...hooksOf(blocks, "beforeEach"), test.fn]);
    const failureAfter = await run(hooksOf(blocks.toReversed(), "afterEach"));
    return failure ?? failureAfter;
  }

  #leave(): void {
    for (const { prototype } of this.#mocks) {
      Reflect.deleteProperty(prototype, "send");
    }
    this.#restoreOutside();
  }
}
