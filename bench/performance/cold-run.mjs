// One cold start, in a process of its own: node cold-run.mjs FILE EVENT.json
//
// Stands in for Lambda's runtime interface client, which is CommonJS and has loaded these when it imports
// the handler. Says on descriptor 3 how many milliseconds of CPU the boot, the import and the first call took.
import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

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
const answer = await handler(JSON.parse(eventText), context);
JSON.stringify(answer);
const called = cpuMs();
writeSync(
  3,
  JSON.stringify({ answer, boot: booted, init: loaded - booted, first: called - loaded }),
);
process.exit();
