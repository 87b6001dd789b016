import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Webhook } from "standardwebhooks";

import { synthesize } from "../../tools/checks/synthesize.ts";
import { runCommand } from "../../tools/run/command.ts";

const PING_KEY = "whsec_cGluZy1waW5nLXBpbmctcGluZy1waW5nLXBpbmc=";

interface LambdaFunction {
  readonly Type: string;
  readonly Properties: {
    readonly Code: { readonly S3Key: string };
    readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
  };
}

/** A function as Lambda receives it. */
interface DeployedFunction {
  /** The folder of `functions/` that it was built from. */
  readonly folder: string;
  /** The folder in which its asset was unpacked. */
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Values of stage parameters that a function parses when it loads. */
const resolvedParameters: Readonly<Record<string, string>> = { STATUS_LIMITS: "[]" };

const out = mkdtempSync(join(tmpdir(), "assets-"));
// Node.js looks for packages in every parent folder; no parent folder of this one contains any.
const empty = mkdtempSync("/tmp/empty-");
afterAll(() => {
  rmSync(out, { recursive: true, force: true });
  rmSync(empty, { recursive: true, force: true });
});

function sourceFolder(asset: string): string {
  const { sources } = JSON.parse(readFileSync(join(asset, "index.mjs.map"), "utf8")) as {
    sources: string[];
  };
  const [, folder = ""] = sources.join("\n").match(/functions\/([^/\n]+)\/handler\.ts$/m) ?? [];
  return folder;
}

function unpack({
  Properties: { Code: code, Environment: environment },
}: LambdaFunction): DeployedFunction {
  const asset = `asset.${code.S3Key.replace(".zip", "")}`;
  const path = join(empty, asset);
  cpSync(join(out, asset), path, { recursive: true });
  return {
    folder: sourceFolder(path),
    path,
    environment: Object.fromEntries(
      Object.entries(environment?.Variables ?? {}).map(([name, value]) => [
        name,
        typeof value === "string"
          ? value
          : (resolvedParameters[name] ?? "resolved-by-cloudformation"),
      ]),
    ),
  };
}

let functions: readonly DeployedFunction[];

beforeAll(async () => {
  const templates = await synthesize("everything", out);
  functions = templates
    .flatMap((template) => {
      const { Resources: resources } = JSON.parse(readFileSync(template, "utf8")) as {
        Resources: Record<string, LambdaFunction>;
      };
      return Object.values(resources);
    })
    .filter(({ Type: type }) => type === "AWS::Lambda::Function")
    .map(unpack);
});

/** Runs a script in a function's environment, where no package can be found. */
async function runIn({ path, environment }: DeployedFunction, script: string, endpoint: string) {
  return await runCommand(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: path,
    env: {
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "example",
      AWS_ENDPOINT_URL: endpoint,
      ...environment,
    },
  });
}

const urlOf = ({ path }: DeployedFunction) =>
  JSON.stringify(pathToFileURL(join(path, "index.mjs")).href);

describe("the assets of all stacks", () => {
  it("include every folder of functions/ that has a handler", () => {
    const root = fileURLToPath(new URL("../../functions/", import.meta.url));
    const folders = readdirSync(root).filter((name) => existsSync(join(root, name, "handler.ts")));

    expect(functions.map(({ folder }) => folder).toSorted()).toEqual(folders.toSorted());
  });

  it("load without node_modules and export a handler", async () => {
    const loaded: Record<string, unknown> = {};
    for (const each of functions) {
      const script = `const { handler } = await import(${urlOf(each)}); console.log("handler is a", typeof handler); process.exit();`;
      loaded[each.folder] = await runIn(each, script, "http://127.0.0.1:9");
    }

    expect(loaded).toEqual(
      Object.fromEntries(
        functions.map(({ folder }) => [
          folder,
          { code: 0, output: expect.stringContaining("handler is a function") },
        ]),
      ),
    );
  });
});

describe("the asset of deploy-check", () => {
  /** The results that deploy-check reported to CodeDeploy. */
  let reports: unknown[];
  /** Whether the new version of ingest checks signatures. */
  let checksSignatures: boolean;
  let server: Server;

  const bodyOf = async (request: IncomingMessage) =>
    Buffer.concat(await request.toArray()).toString("utf8");

  /** Mocks the new version of ingest: returns 200 for a ping that is signed with the ping key. */
  function ingest(invocation: string) {
    const { headers, body } = JSON.parse(invocation) as {
      headers: Record<string, string>;
      body: string;
    };
    const accepted = { statusCode: 200, body: '{"results":[]}' };
    try {
      new Webhook(PING_KEY).verify(body, headers);
      return accepted;
    } catch {
      return checksSignatures ? { statusCode: 401, body: "{}" } : accepted;
    }
  }

  async function respond(request: IncomingMessage): Promise<unknown> {
    const body = await bodyOf(request);
    const target = String(request.headers["x-amz-target"]);
    if (target.endsWith(".GetSecretValue")) {
      return { SecretString: JSON.stringify({ _ping: { keys: [PING_KEY] } }) };
    }
    if (target.endsWith(".PutLifecycleEventHookExecutionStatus")) {
      reports.push(JSON.parse(body));
      return {};
    }
    return ingest(body);
  }

  beforeAll(async () => {
    server = createServer((request, response) => {
      void respond(request).then((value) => response.end(JSON.stringify(value)));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
  });

  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it.each([
    ["Succeeded", true],
    ["Failed", false],
  ])("reports %s to CodeDeploy if ingest checks signatures: %s", async (status, checks) => {
    reports = [];
    checksSignatures = checks;
    const check = functions.find(({ folder }) => folder === "deploy-check");
    if (check === undefined) {
      throw new Error("no stack contains deploy-check");
    }

    const hook = { DeploymentId: "d-1", LifecycleEventHookExecutionId: "execution-1" };
    const script = `const { handler } = await import(${urlOf(check)}); await handler(${JSON.stringify(hook)});`;
    const { port } = server.address() as AddressInfo;
    const { code, output } = await runIn(check, script, `http://127.0.0.1:${port}`);

    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining("the new version"),
    });
    expect(reports).toEqual([
      { deploymentId: "d-1", lifecycleEventHookExecutionId: "execution-1", status },
    ]);
  });
});
