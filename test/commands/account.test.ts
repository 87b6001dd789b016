import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "@jest/globals";

const COMMAND = fileURLToPath(new URL("../../commands/account.ts", import.meta.url));

const usage = `npm run account -- add ID [--stage NAME] [--json]

  add ID   makes the signing key of a Freshdesk account, and shows it once

  --stage  the deployed stage; default dev
  --json   for programs
`;

/** Nobody listens there, so that nothing but this machine is asked. */
const NOBODY = "http://127.0.0.1:9";

async function run(args: readonly string[], endpoint = NOBODY) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "example",
      AWS_ENDPOINT_URL: endpoint,
    },
  });
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { out, err, code: child.exitCode };
}

type Calls = Record<string, (input: unknown) => unknown>;

/** Both services as they are on the wire, as far as the command asks them. */
async function withServices<T>(calls: Calls, use: (endpoint: string) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    const name = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
    const answer = async () => {
      const input: unknown = JSON.parse(await text(request));
      const output = calls[name]?.(input);
      response.statusCode = output === undefined ? 400 : 200;
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(
        JSON.stringify(
          output ?? { __type: "AccessDeniedException", message: `no ${name} for you` },
        ),
      );
    };
    void answer();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const parameter = (name: string, value: string) => ({
  Name: `/agent-availability/blue/${name}`,
  Value: value,
});

/** A stage called `blue` whose secret has no account yet. */
function aStage(ingestUrl: string) {
  const stored: unknown[] = [];
  const calls: Calls = {
    GetParametersByPath: () => ({
      Parameters: [
        parameter("ingest-url", ingestUrl),
        parameter("signing-keys-secret-arn", "arn:keys"),
      ],
    }),
    GetSecretValue: () => ({ VersionId: "one", SecretString: "{}" }),
    PutSecretValue: (input) => {
      stored.push(input);
      return { VersionId: "two" };
    },
    UpdateSecretVersionStage: () => ({}),
  };
  return { calls, stored };
}

describe("what is typed wrong", () => {
  it.each([
    [[], '"" is not understood'],
    [["add"], '"add" is not understood'],
    [["delete", "1"], '"delete 1" is not understood'],
    [["add", "1", "2"], '"add 1 2" is not understood'],
    [["add", "1", "--force"], "Unknown option '--force'"],
    [["add", "1", "--stage"], "Option '--stage <value>' argument missing"],
  ])("ends in a sentence, the usage and exit code 1: %j", async (args, sentence) => {
    const { out, err, code } = await run(args);

    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err.startsWith(sentence)).toBe(true);
    expect(err.endsWith(`\n\n${usage}`)).toBe(true);
    expect(err).not.toMatch(/^\s+at /m);
  });
});

describe("a failure of AWS", () => {
  it("ends in a sentence and exit code 1 where nobody answers", async () => {
    const { out, err, code } = await run(["add", "1"]);

    expect({ out, err, code }).toEqual({
      out: "",
      err: "AWS could not be asked, or said no (connect ECONNREFUSED 127.0.0.1:9); look at the credentials, the region, and AWS_ENDPOINT_URL if it is set, and try again\n",
      code: 1,
    });
  });

  it("ends in a sentence and exit code 1 where a call is refused", async () => {
    const { out, err, code } = await withServices({}, (endpoint) => run(["add", "1"], endpoint));

    expect({ out, err, code }).toEqual({
      out: "",
      err: "AWS could not be asked, or said no (AccessDeniedException: no GetParametersByPath for you); look at the credentials, the region, and AWS_ENDPOINT_URL if it is set, and try again\n",
      code: 1,
    });
  });

  it("ends in a sentence and exit code 1 where the stage is not deployed", async () => {
    const none: Calls = { GetParametersByPath: () => ({ Parameters: [] }) };

    const { err, code } = await withServices(none, (endpoint) => run(["add", "1"], endpoint));

    expect(code).toBe(1);
    expect(err).toBe(
      'stage "dev" is not deployed in eu-central-1: there are no parameters under /agent-availability/dev/; deploy it, or say another with --stage\n',
    );
  });
});

describe("adding an account", () => {
  it("says what to paste where, and shows the key that was stored, once", async () => {
    const { calls, stored } = aStage("https://abc.execute-api.eu-central-1.amazonaws.com");

    const { out, err, code } = await withServices(calls, (endpoint) =>
      run(["add", "11010177632", "--stage", "blue"], endpoint),
    );

    const [key = ""] = /whsec_\S+/.exec(out) ?? [];
    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(stored).toMatchObject([
      { SecretId: "arn:keys", SecretString: JSON.stringify({ "11010177632": [key] }) },
    ]);
    expect(out).toBe(`Account 11010177632 is added to stage blue.

Paste these into the relay's settings in Freshdesk (Admin > Apps > Manage Apps > the relay > Settings):

  Hub host          abc.execute-api.eu-central-1.amazonaws.com
  Path              /v1/accounts/11010177632/availability-events
  Signing key       ${key}

The key is not shown again. It works within 30 seconds.
`);
  });

  it("says the same as JSON for programs, with the port and path of the ingest URL kept", async () => {
    const { calls } = aStage("http://localhost:4566/restapis/abc");

    const { out, code } = await withServices(calls, (endpoint) =>
      run(["add", "1", "--stage", "blue", "--json"], endpoint),
    );

    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      stage: "blue",
      accountId: "1",
      host: "localhost:4566",
      path: "/restapis/abc/v1/accounts/1/availability-events",
      signingKey: expect.stringMatching(/^whsec_/),
    });
  });
});
