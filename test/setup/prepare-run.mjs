import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { serveWorkerData } from "./serve-worker-data.mjs";

/**
 * Gives all tests of a run one temporary folder, so that the files that they and the CDK leave behind can be
 * removed.
 */
export default function prepareRun() {
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), "tests-"));
  serveWorkerData();
}
