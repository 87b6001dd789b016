import { globSync, readFileSync } from "node:fs";

// One folder at a time, selected by `npm run test:mutation -- FOLDER`: see docs/evidence/mutation.md.
const { MUTATION_FOLDER: folder = "availability", MUTATION_FILES: files } = process.env;
const { MUTATION_STATIC: ofLoading = "ignore" } = process.env;
const folders = JSON.parse(
  readFileSync(new URL("tools/checks/mutation/folders.json", import.meta.url), "utf8"),
);
const { mutate, tests } = folders[folder];

// Excluded tests start processes, wait for real timeouts, or run thousands of cases, which takes too long for each
// fault. The tests of generated files take seconds, but only they catch most faults in the catalogue.
const isExcluded = (path) => /\/timeouts|(?<!\/generated)\.integration\.test/.test(path);

export default {
  mutate: files?.split(",") ?? mutate,
  testFiles: globSync(tests).filter((path) => !isExcluded(path)),
  testRunner: "in-process",
  plugins: ["./tools/checks/mutation/test-runner.ts"],
  // Stryker calls an API that TypeScript 7 does not have, unless this file does not exist.
  tsconfigFile: "no-tsconfig.json",
  coverageAnalysis: "perTest",
  // For a fault in code that runs only while a module loads, such as a schema, every test of the folder must be loaded
  // again.
  ignoreStatic: ofLoading === "ignore",
  concurrency: 2,
  timeoutMS: 8000,
  // Native ES modules stay in memory for as long as their process lives.
  maxTestRunnerReuse: 300,
  reporters: ["clear-text", "json", "progress-append-only"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: `reports/mutation/${folder}.json` },
  thresholds: { high: 95, low: 90, break: 90 },
  ignorePatterns: ["/examples", "/tools/bench", "/.local", "/cdk.out", "/reports", "/bin"],
};
