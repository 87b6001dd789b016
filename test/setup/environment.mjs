import { TestEnvironment } from "jest-environment-node";

// Native ES modules stay in memory until their process ends. Freeing hundreds of megabytes takes longer than the half
// second after which Jest kills a worker and reports open handles. `process.exit` ends the process without freeing them.
process.once("beforeExit", () => {
  process.exit();
});

export default TestEnvironment;
