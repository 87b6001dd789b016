// One cold start, in a process of its own: node cold-run.mjs FILE EVENT.json [CONTROL_GROUP WARM_CALLS]
//
// Stands in for Lambda's runtime interface client, which is CommonJS and has loaded these when it imports
// the handler. Says on descriptor 3 how many milliseconds of CPU the boot, the import and the first call took,
// and how many of the clock the first call and those after it. With a control group the process joins that
// after the import: init has a whole core, a call what the group allows.
import { readFileSync, writeFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import "./lambda-console.mjs";

const require = createRequire(import.meta.url);
for (const name of ["http", "net", "fs", "os", "util", "worker_threads"]) {
  require(`node:${name}`);
}
const [, , file, eventFile, group, warmCalls = "0"] = process.argv;
const eventText = readFileSync(eventFile, "utf8");
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const booted = cpuMs();
const { handler } = await import(pathToFileURL(file).href);
const loaded = cpuMs();
if (group) {
  writeFileSync(join(group, "cgroup.procs"), String(process.pid));
}
const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 60_000 };

/** @returns the answer, and milliseconds of the clock. */
async function call() {
  const started = performance.now();
  const answer = await handler(JSON.parse(eventText), context);
  JSON.stringify(answer);
  return { answer, ms: performance.now() - started };
}

const { answer, ms: firstMs } = await call();
const called = cpuMs();
const warmMs = [];
for (let index = 0; index < Number(warmCalls); index += 1) {
  warmMs.push((await call()).ms);
}
const cpu = { boot: booted, init: loaded - booted, first: called - loaded };
writeSync(3, JSON.stringify({ answer, ...cpu, firstMs, warmMs }));
process.exit();
