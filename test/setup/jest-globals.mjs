// Test files import this module as `@jest/globals`. It is loaded again for each test file.
import { createRequire } from "node:module";

// The CommonJS build, whose stubs aws-sdk-client-mock uses.
const sinon = createRequire(import.meta.url)("sinon");

export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } =
  globalThis;

jest.useFakeTimers = () => {
  throw new Error("use sinon.useFakeTimers: this runner would stop the timers of the AWS SDK, too");
};

const environment = { ...process.env };

/** Ends tests that hang. No test or wait sets a shorter limit, because everything can be slow on a busy machine. */
const { TEST_FILE_MINUTES: minutes = "20" } = process.env;
const limit = setTimeout(
  () => {
    const { testPath, currentTestName } = expect.getState();
    console.error(`${testPath} took over ${minutes} minutes. Last test: ${currentTestName}`);
    process.exit(1);
  },
  Number(minutes) * 60_000,
);

/** Restores what the file's tests change in the process: mocks, AWS SDK clients and environment variables. */
afterAll(() => {
  clearTimeout(limit);
  jest.restoreAllMocks();
  sinon.restore();
  for (const name of Object.keys(process.env)) {
    delete process.env[name];
  }
  Object.assign(process.env, environment);
});
