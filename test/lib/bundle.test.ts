import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, describe, expect, it } from "@jest/globals";

import { bundle } from "../../lib/bundle.ts";
import { contentsOf } from "../../tools/checks/bundle-contents.ts";

const outdir = mkdtempSync(join(tmpdir(), "bundles-"));
afterAll(() => {
  rmSync(outdir, { recursive: true, force: true });
});

async function bundled(name: string) {
  const folder = join(outdir, name);
  return contentsOf(await bundle(name, folder), folder);
}

const functions = { ingest: await bundled("ingest"), publisher: await bundled("publisher") };

/** A local port without a listener, so that a request fails at once. */
const CLOSED_PORT = "http://127.0.0.1:9";

const environment = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "example",
  AWS_ENDPOINT_URL: CLOSED_PORT,
  STAGE: "blue",
  TABLE_NAME: "agents",
  SIGNING_KEYS_SECRET_ARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-1",
  ALLOWED_SOURCES: "",
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
  it("is at most 345 KiB for ingest, and no less than a complete function", () => {
    expect(functions.ingest.bytes).toBeLessThanOrEqual(345 * 1024);
    expect(functions.ingest.bytes).toBeGreaterThan(200 * 1024);
  });

  it("is at most 175 KiB for the publisher, and no less than a complete function", () => {
    expect(functions.publisher.bytes).toBeLessThanOrEqual(175 * 1024);
    expect(functions.publisher.bytes).toBeGreaterThan(100 * 1024);
  });

  it.each(["ingest", "publisher"] as const)(
    "contains nothing in %s that is never used",
    (folder) => {
      const forbidden = [
        /credential-provider-(?:sso|ini|process|web-identity|http|login)/,
        /zod\/v4\/locales\/(?!en\.)/,
        /event-streams/,
        /aws-xray-sdk|powertools\/(?:tracer|parser|idempotency|batch)/,
      ];
      const { inputs } = functions[folder];

      expect(inputs.filter((input) => forbidden.some((each) => each.test(input)))).toEqual([]);
      expect(inputs).toContain(`functions/${folder}/handler.ts`);
    },
  );

  it("contains no zod in the publisher, which parses no external input", () => {
    expect(functions.publisher.inputs.filter((input) => input.includes("/zod/"))).toEqual([]);
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
