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

/** A port of this machine that nobody listens on, so that a call ends at once. */
const NOBODY = "http://127.0.0.1:9";

const environment = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "example",
  AWS_ENDPOINT_URL: NOBODY,
  STAGE: "blue",
  TABLE_NAME: "agents",
  SIGNING_KEYS_SECRET_ARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-1",
  ALLOWED_SOURCES: "",
  BUS_NAME: "bus",
  DEAD_LETTER_QUEUE_URL: "https://sqs.eu-central-1.amazonaws.com/123456789012/dead-letters",
  PERSONAL_DATA_IN_EVENTS: "false",
};

/** Loads a bundle as Lambda's runtime does, and tells what of Node.js that loaded. */
function load(folder: string) {
  const script = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(join(outdir, folder, "index.mjs")).href)});
    process.stdout.write("\\n" + JSON.stringify({ handler: typeof handler, loaded: process.moduleLoadList }));
    process.exit();
  `;
  const { status, stdout } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", script],
    { encoding: "utf8", env: environment, timeout: 10_000, cwd: tmpdir() },
  );
  const said = JSON.parse(stdout.split("\n").at(-1) ?? "") as { handler: string; loaded: string[] };
  return { status, ...said };
}

/** Which clients of AWS are among the sources. */
function clientsOf(inputs: readonly string[]): string[] {
  return ["client-dynamodb", "client-eventbridge", "client-secrets-manager", "client-sqs"].filter(
    (client) => inputs.some((input) => input.includes(`@aws-sdk/${client}/`)),
  );
}

describe("what Lambda loads at start", () => {
  it("is at most 345 KiB of ingest, and the size that is measured is that of a whole function", () => {
    expect(functions.ingest.bytes).toBeLessThanOrEqual(345 * 1024);
    expect(functions.ingest.bytes).toBeGreaterThan(200 * 1024);
  });

  it("is at most 175 KiB of publisher, and the size that is measured is that of a whole function", () => {
    expect(functions.publisher.bytes).toBeLessThanOrEqual(175 * 1024);
    expect(functions.publisher.bytes).toBeGreaterThan(100 * 1024);
  });

  it.each(["ingest", "publisher"] as const)(
    "holds nothing in %s that costs a cold start and is never reached",
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

  it("holds no zod in publisher, which parses nothing of a stranger's", () => {
    expect(functions.publisher.inputs.filter((input) => input.includes("/zod/"))).toEqual([]);
  });

  it("holds neither keys nor table in publisher, and no bus in ingest", () => {
    expect(clientsOf(functions.ingest.inputs)).toEqual([
      "client-dynamodb",
      "client-secrets-manager",
    ]);
    expect(clientsOf(functions.publisher.inputs)).toEqual(["client-eventbridge"]);
  });
});

describe("loading a bundle", () => {
  it.each(["ingest", "publisher"])(
    "works for %s with no network, within seconds, and loads nothing of undici",
    (folder) => {
      const { status, handler, loaded } = load(folder);

      expect(status).toBe(0);
      expect(handler).toBe("function");
      expect(loaded.filter((module) => module.includes("undici"))).toEqual([]);
      expect(loaded.filter((module) => /http/.test(module))).not.toEqual([]);
    },
    20_000,
  );
});
