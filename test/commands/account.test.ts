import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "@jest/globals";

import { aSecretText } from "../../tools/fakes/signing-keys.ts";

const COMMAND = fileURLToPath(new URL("../../commands/account.ts", import.meta.url));

const usage = `npm run account -- add ID | rotate ID | retire ID | remove ID | list [--stage NAME] [--json] [--yes]
npm run account -- rotate ID --replace-newest [--stage NAME] [--json] [--yes]

  add ID     makes the signing key of a Freshdesk account, and shows it once
  rotate ID  makes a new key beside the old one, and shows it once; both work
  retire ID  ends the older of two keys
  remove ID  ends all keys of an account: the hub refuses it from now on
  list       the accounts, without their keys

  --replace-newest  for a new key that was lost after it was shown: rotate makes another in its place, and
                    the older one, which the relay uses, goes on working
  --stage           the deployed stage; default dev
  --json            for programs
  --yes             does not ask before it ends a key
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

type Calls = Record<string, (input: Record<string, unknown>) => unknown>;

const CALLER = "arn:aws:sts::123456789012:assumed-role/Operator/rachel";

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult><Arn>${CALLER}</Arn></GetCallerIdentityResult>
</GetCallerIdentityResponse>`;

/** The services as they are on the wire, as far as the command asks them. */
async function withServices<T>(calls: Calls, use: (endpoint: string) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    const answer = async () => {
      const body = await text(request);
      if (body.includes("Action=GetCallerIdentity")) {
        response.setHeader("content-type", "text/xml");
        response.end(identity);
        return;
      }
      const name = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
      const output = calls[name]?.(JSON.parse(body) as Record<string, unknown>);
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

/** A stage called `blue`, with what its secret holds, and what was written of it. */
function aStage(ingestUrl: string, keys: Readonly<Record<string, readonly string[]>> = {}) {
  const stored: unknown[] = [];
  const lines: Record<string, unknown>[] = [];
  const calls: Calls = {
    GetParametersByPath: () => ({
      Parameters: [
        parameter("ingest-url", ingestUrl),
        parameter("audit-log-name", "operators"),
        parameter("signing-keys-secret-arn", "arn:keys"),
      ],
    }),
    GetSecretValue: () => ({ VersionId: "one", SecretString: aSecretText(keys) }),
    PutSecretValue: (input) => {
      stored.push(input);
      return { VersionId: "two" };
    },
    UpdateSecretVersionStage: () => ({}),
    CreateLogStream: () => ({}),
    PutLogEvents: ({ logEvents }) => {
      for (const { message } of logEvents as { message: string }[]) {
        lines.push(JSON.parse(message) as Record<string, unknown>);
      }
      return {};
    },
  };
  return { calls, stored, lines };
}

const blue = (...args: readonly string[]) => [...args, "--stage", "blue"];

describe("what is typed wrong", () => {
  it.each([
    [[], '"" is not understood'],
    [["add"], '"add" is not understood'],
    [["delete", "1"], '"delete 1" is not understood'],
    [["add", "1", "2"], '"add 1 2" is not understood'],
    [["list", "1"], '"list 1" is not understood'],
    [["rotate"], '"rotate" is not understood'],
    [["add", "1", "--force"], "Unknown option '--force'"],
    [["add", "1", "--stage"], "Option '--stage <value>' argument missing"],
    [["add", ""], '"" is no id'],
    [["list", "--stage", ""], '--stage "" says nothing'],
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
    const { calls, stored } = aStage("https://abc.execute-api.eu-central-1.amazonaws.com", {
      _ping: ["whsec_p"],
    });

    const { out, err, code } = await withServices(calls, (endpoint) =>
      run(["add", "11010177632", "--stage", "blue"], endpoint),
    );

    const [key = ""] = /whsec_\S+/.exec(out) ?? [];
    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(stored).toMatchObject([
      {
        SecretId: "arn:keys",
        SecretString: aSecretText({ _ping: ["whsec_p"], "11010177632": [key] }),
      },
    ]);
    expect(out).toBe(`Account 11010177632 is added to stage blue.

Paste these into the relay's settings in Freshdesk (Admin > Apps > Manage Apps > the relay > Settings):

  Hub host          abc.execute-api.eu-central-1.amazonaws.com
  Path              /v1/accounts/11010177632/availability-events
  Signing key       ${key}

Host and path make the URL https://abc.execute-api.eu-central-1.amazonaws.com/v1/accounts/11010177632/availability-events

The key is not shown again. It works within 30 seconds.
`);
  });

  it.each([
    ["add", {}],
    ["rotate", { "1": ["whsec_old"] }],
  ])(
    "shows the key of %s all the same where only the end of it cannot be recorded",
    async (verb, keys) => {
      const { calls, stored } = aStage("https://one", keys);
      let writes = 0;
      const forgetful: Calls = {
        ...calls,
        PutLogEvents: () => {
          writes += 1;
          return writes === 1 ? {} : undefined;
        },
      };

      const { out, err, code } = await withServices(forgetful, (endpoint) =>
        run(blue(verb, "1"), endpoint),
      );

      expect(out).toMatch(/whsec_\S+/);
      expect(stored).toHaveLength(1);
      expect(err).toContain("What follows was done, but operators could not be told how it ended");
      expect(code).toBe(0);
    },
  );

  it("says the same as JSON for programs, with the port and path of the ingest URL kept", async () => {
    const { calls } = aStage("http://localhost:4566/restapis/abc");

    const { out, code } = await withServices(calls, (endpoint) =>
      run(["add", "1", "--stage", "blue", "--json"], endpoint),
    );

    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      stage: "blue",
      accountId: "1",
      url: "http://localhost:4566/restapis/abc/v1/accounts/1/availability-events",
      host: "localhost:4566",
      path: "/restapis/abc/v1/accounts/1/availability-events",
      signingKey: expect.stringMatching(/^whsec_/),
    });
  });
});

describe("the record of who did what", () => {
  it.each([
    [["add", "2"], "account add"],
    [["rotate", "1"], "account rotate"],
    [["retire", "22", "--yes"], "account retire"],
    [["remove", "22", "--yes"], "account remove"],
  ])(
    "has a line before %j and one after it, with the caller and without a key",
    async (args, action) => {
      const keys = { "1": ["whsec_old"], "22": ["whsec_new", "whsec_old"] };
      const { calls, lines } = aStage("https://one", keys);

      const { code } = await withServices(calls, (endpoint) => run(blue(...args), endpoint));

      const at = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\S+Z$/);
      const id = lines[0]?.["id"];
      const line = { id, at, by: CALLER, stage: "blue", action, accountId: args[1] };
      expect(code).toBe(0);
      expect(lines).toEqual([
        { ...line, outcome: "begun" },
        { ...line, outcome: "done" },
      ]);
      expect(JSON.stringify(lines)).not.toContain("whsec_");
    },
  );

  it("says that a deed failed", async () => {
    const { calls, lines } = aStage("https://one", { "1": ["whsec_a"] });

    const { code } = await withServices(calls, (endpoint) => run(blue("add", "1"), endpoint));

    expect(code).toBe(1);
    expect(lines.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["begun", undefined],
      ["failed", "CommandError"],
    ]);
  });

  it("comes first: what cannot be recorded is not done", async () => {
    const { calls, stored } = aStage("https://one");
    const { PutLogEvents: _put, ...silent } = calls;

    const { out, err, code } = await withServices(silent, (endpoint) =>
      run(blue("add", "1"), endpoint),
    );

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toContain("no PutLogEvents for you");
    expect(stored).toEqual([]);
  });
});

describe("rotating", () => {
  it("stores a new key before the old one, and says in which order to go on", async () => {
    const { calls, stored } = aStage("https://api.example.com", {
      "1": ["whsec_old"],
      _ping: ["whsec_p"],
    });

    const { out, code } = await withServices(calls, (endpoint) =>
      run(blue("rotate", "1"), endpoint),
    );

    const [key = ""] = /whsec_\S+/.exec(out) ?? [];
    expect(code).toBe(0);
    expect(stored).toMatchObject([
      { SecretString: aSecretText({ "1": [key, "whsec_old"], _ping: ["whsec_p"] }) },
    ]);
    expect(out)
      .toBe(`Account 1 of stage blue has a new signing key beside the old one, which goes on working.

Wait 30 seconds, until the hub knows the new one. Paste these into the relay's settings in Freshdesk (Admin > Apps > Manage Apps > the relay > Settings):

  Hub host          api.example.com
  Path              /v1/accounts/1/availability-events
  Signing key       ${key}

Host and path make the URL https://api.example.com/v1/accounts/1/availability-events

The key is not shown again. When the relay uses it: npm run account -- retire 1 --stage blue
`);
  });
});

describe("replacing the newest key", () => {
  it("stores another in its place, says in which order to go on, and is on record", async () => {
    const { calls, stored, lines } = aStage("https://api.example.com", {
      "1": ["whsec_lost", "whsec_used"],
      _ping: ["whsec_p"],
    });

    const { out, code } = await withServices(calls, (endpoint) =>
      run(blue("rotate", "1", "--replace-newest", "--yes"), endpoint),
    );

    const [key = ""] = /whsec_\S+/.exec(out) ?? [];
    expect(code).toBe(0);
    expect(stored).toMatchObject([
      { SecretString: aSecretText({ "1": [key, "whsec_used"], _ping: ["whsec_p"] }) },
    ]);
    expect(out).toMatch(
      /^Account 1 of stage blue has another signing key in the place of its newest, beside the older one, which goes on working\.\n\nWait 30 seconds/,
    );
    expect(out).toMatch(/When the relay uses it: npm run account -- retire 1 --stage blue\n$/);
    const deed = { action: "account rotate", accountId: "1", replaced: "newest key" };
    expect(lines).toMatchObject([
      { ...deed, outcome: "begun" },
      { ...deed, outcome: "done" },
    ]);
  });

  it("tells programs what rotate tells them", async () => {
    const { calls } = aStage("https://api.example.com", { "1": ["whsec_lost", "whsec_used"] });

    const { out } = await withServices(calls, (endpoint) =>
      run(blue("rotate", "1", "--replace-newest", "--yes", "--json"), endpoint),
    );

    expect(JSON.parse(out)).toEqual({
      stage: "blue",
      accountId: "1",
      url: "https://api.example.com/v1/accounts/1/availability-events",
      host: "api.example.com",
      path: "/v1/accounts/1/availability-events",
      signingKey: expect.stringMatching(/^whsec_/),
    });
  });

  it.each(["add", "retire", "remove"])(
    "means nothing with %s, and nothing is asked",
    async (verb) => {
      const { out, err, code } = await run([verb, "1", "--replace-newest", "--yes"]);

      expect({ out, err, code }).toEqual({
        out: "",
        err: `--replace-newest means nothing with ${verb}\n`,
        code: 1,
      });
    },
  );
});

describe("ending a key", () => {
  it.each([
    ["retire", []],
    ["rotate", ["--replace-newest"]],
  ])("by %s means the keys that were there before it asked", async (verb, options) => {
    const { calls, stored } = aStage("https://one");
    const held = [
      ["whsec_new", "whsec_used"],
      ["whsec_theirs", "whsec_new"],
    ];
    const changing: Calls = {
      ...calls,
      GetSecretValue: () => ({
        VersionId: "one",
        SecretString: aSecretText({ "1": held.shift() ?? [] }),
      }),
    };

    const { out, err, code } = await withServices(changing, (endpoint) =>
      run(blue(verb, "1", ...options, "--yes"), endpoint),
    );

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toBe(
      "the signing keys of account 1 were changed by somebody else just now, and nothing was ended; ask who\n",
    );
    expect(stored).toEqual([]);
  });

  it.each([
    ["retire", []],
    ["rotate", ["--replace-newest"]],
  ])("by %s looks at them before it asks", async (verb, options) => {
    const { calls, lines } = aStage("https://one", {});

    const { err, code } = await withServices(calls, (endpoint) =>
      run(blue(verb, "1", ...options), endpoint),
    );

    expect(code).toBe(1);
    expect(err).toMatch(/^account 1 has no signing key on stage blue;/);
    expect(lines).toEqual([]);
  });
});

it("says of two keys which way is right when, for this stage", async () => {
  const { calls, stored } = aStage("https://one", { "1": ["whsec_new", "whsec_old"] });

  const { err, code } = await withServices(calls, (endpoint) => run(blue("rotate", "1"), endpoint));

  expect(code).toBe(1);
  expect(err).toContain("npm run account -- retire 1 --stage blue");
  expect(err).toContain("npm run account -- rotate 1 --replace-newest --stage blue");
  expect(stored).toEqual([]);
});

it("says with the stage how the agents of a removed account are forgotten", async () => {
  const { calls } = aStage("https://one", { "1": ["whsec_a"] });

  const { out } = await withServices(calls, (endpoint) =>
    run(blue("remove", "1", "--yes"), endpoint),
  );

  expect(out).toContain("npm run agent -- forget 1 AGENT --stage blue forgets one.");
});

describe("what destroys", () => {
  it.each([
    [
      ["rotate", "--replace-newest"],
      "The newest signing key of account 1 on stage blue is ended, and another takes its place: a relay that has it already is refused, and parks, until the other is pasted. The older key goes on working.",
    ],
    [
      ["retire"],
      "The older signing key of account 1 on stage blue is ended: what is still signed with it is refused.",
    ],
    [
      ["remove"],
      "All signing keys of account 1 on stage blue are ended: its changes are refused from now on.",
    ],
  ])(
    "is not done by %j where nobody can be asked and --yes is not said",
    async ([verb = "", ...flags], consequence) => {
      const { calls, stored, lines } = aStage("https://one", { "1": ["whsec_new", "whsec_old"] });

      const { out, err, code } = await withServices(calls, (endpoint) =>
        run(blue(verb, "1", ...flags), endpoint),
      );

      expect({ out, err, code }).toEqual({
        out: "",
        err: `${consequence} Nothing was changed: this is no terminal to ask at. Say --yes if it is meant\n`,
        code: 1,
      });
      expect([...stored, ...lines]).toEqual([]);
    },
  );

  it.each([
    ["retire", '{"stage":"blue","accountId":"1","keys":1}', '{"1":{"keys":["whsec_new"]}}'],
    ["remove", '{"stage":"blue","accountId":"1","keys":0}', "{}"],
  ])("is done by %s with --yes", async (verb, told, kept) => {
    const { calls, stored } = aStage("https://one", { "1": ["whsec_new", "whsec_old"] });

    const { out, err, code } = await withServices(calls, (endpoint) =>
      run(blue(verb, "1", "--yes", "--json"), endpoint),
    );

    expect({ out, err, code }).toEqual({ out: `${told}\n`, err: "", code: 0 });
    expect(stored).toMatchObject([{ SecretString: kept }]);
  });
});

describe("listing", () => {
  it("tells the accounts, without their keys, and which has two", async () => {
    const { calls } = aStage("https://one", { "7": ["whsec_a", "whsec_b"], "8": ["whsec_c"] });

    const words = await withServices(calls, (endpoint) => run(blue("list"), endpoint));
    const json = await withServices(calls, (endpoint) => run(blue("list", "--json"), endpoint));

    expect(words).toEqual({
      out: "2 accounts may write to stage blue.\n  7  two keys: the older one is not retired\n  8\n",
      err: "",
      code: 0,
    });
    expect(JSON.parse(json.out)).toEqual({
      stage: "blue",
      accounts: [
        { accountId: "7", keys: 2 },
        { accountId: "8", keys: 1 },
      ],
    });
  });
});

it.each(["add", "rotate", "retire", "remove"])(
  "refuses to %s an id that is the hub's own",
  async (verb) => {
    const { out, err, code } = await run([verb, "_ping", "--yes"]);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toMatch(/digits only \(got "_ping"\)/);
  },
);
