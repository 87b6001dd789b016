import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, describe, expect, it } from "@jest/globals";

import { bundle } from "../../lib/bundle.ts";
import { root } from "../../tools/run/paths.ts";
import { contentsOf } from "./bundle-contents.ts";

const outdir = mkdtempSync(join(tmpdir(), "bundles-"));
afterAll(() => {
  rmSync(outdir, { recursive: true, force: true });
});

async function measureBundle(name: string) {
  const folder = join(outdir, name);
  return contentsOf(await bundle(name, folder), folder);
}

const functions = {
  board: await measureBundle("board"),
  census: await measureBundle("census"),
  "deploy-check": await measureBundle("deploy-check"),
  ingest: await measureBundle("ingest"),
  publisher: await measureBundle("publisher"),
  history: await measureBundle("history"),
  reconcile: await measureBundle("reconcile"),
  supervision: await measureBundle("supervision"),
};

const UNUSED_MODULES =
  /credential-provider-(?:sso|ini|process|web-identity|http|login)|zod\/v4\/locales\/(?!en\.)|aws-xray-sdk|powertools\/(?:tracer|parser|idempotency|batch)/;
const EVENT_STREAMS = /event-streams/;
const ZOD = /node_modules\/zod\//;

/** What each function may load at its start, in KiB: more than `min`, which proves it complete, and at most `max`. */
const limits = [
  { name: "board", min: 100, max: 205, forbidden: [UNUSED_MODULES, EVENT_STREAMS, ZOD] },
  { name: "census", min: 100, max: 300, forbidden: [UNUSED_MODULES, EVENT_STREAMS, ZOD] },
  { name: "deploy-check", min: 100, max: 400, forbidden: [UNUSED_MODULES] },
  { name: "history", min: 100, max: 300, forbidden: [UNUSED_MODULES, EVENT_STREAMS, ZOD] },
  { name: "ingest", min: 200, max: 345, forbidden: [UNUSED_MODULES, EVENT_STREAMS] },
  { name: "publisher", min: 100, max: 175, forbidden: [UNUSED_MODULES, EVENT_STREAMS, ZOD] },
  { name: "reconcile", min: 100, max: 400, forbidden: [UNUSED_MODULES] },
  { name: "supervision", min: 100, max: 500, forbidden: [UNUSED_MODULES] },
] as const;

/** A local port without a listener, so that a request fails at once. */
const CLOSED_PORT = "http://127.0.0.1:9";

const environment = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "example",
  AWS_ENDPOINT_URL: CLOSED_PORT,
  STAGE: "blue",
  TABLE_NAME: "agents",
  HISTORY_TABLE_NAME: "history",
  HISTORY_DAYS: "90",
  SIGNING_KEYS_SECRET_ARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-1",
  ALLOWED_SOURCES: "",
  STATUS_LIMITS: '[{"status":"Lunch","minutes":60}]',
  COVERAGE: "[]",
  OVERRUN_QUEUE_ARN: "arn:aws:sqs:eu-central-1:123456789012:overruns",
  OVERRUN_DEAD_LETTER_QUEUE_ARN: "arn:aws:sqs:eu-central-1:123456789012:dead-letters",
  OVERRUN_SCHEDULE_GROUP_NAME: "overruns",
  OVERRUN_SCHEDULE_ROLE_ARN: "arn:aws:iam::123456789012:role/overruns",
  BUS_NAME: "bus",
  DEAD_LETTER_QUEUE_URL: "https://sqs.eu-central-1.amazonaws.com/123456789012/dead-letters",
  PERSONAL_DATA_IN_EVENTS: "false",
};

/** Loads a bundle as Lambda's runtime does, and returns the modules of Node.js that were loaded. */
function load(folder: string) {
  const script = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(join(outdir, folder, "index.mjs")).href)});
    process.stdout.write("\\n" + JSON.stringify({ handler: typeof handler, loaded: process.moduleLoadList }));
    process.exit();
  `;
  const { status, stdout } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", script],
    { encoding: "utf8", env: environment, cwd: tmpdir() },
  );
  const output = JSON.parse(stdout.split("\n").at(-1) ?? "") as {
    handler: string;
    loaded: string[];
  };
  return { status, ...output };
}

/** The AWS clients among the sources. */
function clientsOf(inputs: readonly string[]): string[] {
  return ["client-dynamodb", "client-eventbridge", "client-secrets-manager", "client-sqs"].filter(
    (client) => inputs.some((input) => input.includes(`@aws-sdk/${client}/`)),
  );
}

describe("the code that Lambda loads at a cold start", () => {
  it("has a limit for every function", () => {
    const folders = readdirSync(join(root, "functions")).filter((folder) =>
      existsSync(join(root, "functions", folder, "handler.ts")),
    );

    expect(limits.map(({ name }) => name)).toEqual(folders);
  });

  it.each(limits)("is at most $max KiB for $name", ({ name, min, max }) => {
    expect(functions[name].bytes / 1024).toBeLessThanOrEqual(max);
    expect(functions[name].bytes / 1024).toBeGreaterThan(min);
  });

  it.each(limits)("contains nothing in $name that is never used", ({ name, forbidden }) => {
    const { inputs } = functions[name];

    expect(inputs.filter((input) => forbidden.some((each) => each.test(input)))).toEqual([]);
    expect(inputs).toContain(`functions/${name}/handler.ts`);
  });

  it("contains only the clients that each function needs at its start", () => {
    expect(clientsOf(functions.ingest.inputs)).toEqual([
      "client-dynamodb",
      "client-secrets-manager",
    ]);
    expect(clientsOf(functions.publisher.inputs)).toEqual(["client-eventbridge"]);
  });
});

describe("loading a bundle", () => {
  it.each(["ingest", "publisher"])(
    "works for %s without a network and does not load undici",
    (folder) => {
      const { status, handler, loaded } = load(folder);

      expect(status).toBe(0);
      expect(handler).toBe("function");
      expect(loaded.filter((module) => module.includes("undici"))).toEqual([]);
      expect(loaded.filter((module) => /http/.test(module))).not.toEqual([]);
    },
  );
});
