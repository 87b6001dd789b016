import { rmSync } from "node:fs";
import { basename } from "node:path";

/** Removes the temporary folder of the run. */
export default function cleanUpRun() {
  const folder = process.env.TMPDIR ?? "";
  if (basename(folder).startsWith("tests-")) {
    rmSync(folder, { recursive: true, force: true });
  }
}
