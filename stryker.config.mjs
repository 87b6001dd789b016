import { readFileSync } from "node:fs";

// One folder at a time, selected by `npm run test:mutation -- FOLDER`: see docs/evidence/mutation.md.
const { MUTATION_FOLDER: folder = "availability", MUTATION_FILES: files } = process.env;
const { MUTATION_STATIC: ofLoading } = process.env;
const folders = JSON.parse(
  readFileSync(new URL("tools/checks/mutation-folders.json", import.meta.url), "utf8"),
);
const { mutate, tests } = folders[folder];

export default {
  mutate: files?.split(",") ?? mutate,
  testRunner: "jest",
  testRunnerNodeArgs: ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"],
  jest: {
    configFile: "jest.config.mjs",
    config: {
      testMatch: tests.map((pattern) => `<rootDir>/${pattern}`),
      // These wait for real timeouts, or run thousands of cases, which takes too long for each mutant. The generated
      // files take seconds, but only they show most faults in the catalogue.
      testPathIgnorePatterns: ["/timeouts", "(?<!/generated)\\.integration\\.test"],
      setupFiles: ["<rootDir>/test/relay/mutants.cjs"],
      // Stryker can only use Jest's own runner.
      runner: "jest-runner",
      extensionsToTreatAsEsm: [".ts"],
      transform: {
        "\\.ts$": ["@swc/jest", { jsc: { target: "es2024", parser: { syntax: "typescript" } } }],
      },
    },
    // Tests read the relay as text, so no import refers to it.
    enableFindRelatedTests: false,
  },
  // Stryker calls an API that TypeScript 7 does not have, unless this file does not exist.
  tsconfigFile: "no-tsconfig.json",
  coverageAnalysis: "perTest",
  // Each fault in what runs only while a module loads, such as a schema, needs every test of the folder.
  ignoreStatic: ofLoading === "ignore",
  concurrency: 2,
  timeoutMS: 8000,
  // Native ES modules stay in memory for as long as their process lives.
  maxTestRunnerReuse: 60,
  reporters: ["clear-text", "json", "progress-append-only"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: `reports/mutation/${folder}.json` },
  thresholds: { high: 95, low: 90, break: 90 },
  ignorePatterns: ["/examples", "/lib", "/tools/bench", "/.local", "/cdk.out", "/reports", "/bin"],
};
