// One cold start, in a process of its own: node cold-run.mjs FILE EVENT.json [CONTROL_GROUP WARM_CALLS]
//
// Replaces Lambda's runtime interface client, which is CommonJS and has loaded these modules when it imports
// the handler. Writes to descriptor 3 the CPU milliseconds of start, import and first call, and the elapsed
// milliseconds of the first and the warm calls. With a control group, the process joins it after the import:
// init has a whole core, a call only what the group allows.
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

/** @returns the response and the elapsed milliseconds. */
async function call() {
  const started = performance.now();
  const response = await handler(JSON.parse(eventText), context);
  JSON.stringify(response);
  return { response, ms: performance.now() - started };
}

const { response, ms: firstMs } = await call();
const called = cpuMs();
const warmMs = [];
for (let index = 0; index < Number(warmCalls); index += 1) {
  warmMs.push((await call()).ms);
}
const cpu = { boot: booted, init: loaded - booted, first: called - loaded };
writeSync(3, JSON.stringify({ response, ...cpu, firstMs, warmMs }));
process.exit();
