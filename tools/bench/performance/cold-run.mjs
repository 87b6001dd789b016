// One cold start, in a process of its own: node cold-run.mjs FILE EVENT.json
//
// Replaces Lambda's runtime interface client, which is CommonJS and has loaded these modules when it imports
// the handler. Writes the CPU milliseconds of start, import and first call to descriptor 3.
import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import "./lambda-console.mjs";

const require = createRequire(import.meta.url);
for (const name of ["http", "net", "fs", "os", "util", "worker_threads"]) {
  require(`node:${name}`);
}
const [, , file, eventFile] = process.argv;
const eventText = readFileSync(eventFile, "utf8");
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const booted = cpuMs();
const { handler } = await import(pathToFileURL(file).href);
const loaded = cpuMs();
const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 60_000 };
const response = await handler(JSON.parse(eventText), context);
JSON.stringify(response);
const cpu = { boot: booted, init: loaded - booted, first: cpuMs() - loaded };
writeSync(3, JSON.stringify({ response, ...cpu }));
process.exit();
