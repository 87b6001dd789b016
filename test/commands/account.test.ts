import { describe, expect, it } from "@jest/globals";

import { aSecretText } from "../../tools/fakes/signing-keys.ts";
import { type Responses, CALLER, runCommand, withServices } from "./run-command.ts";

const PING_KEY = `whsec_${"p".repeat(32)}`;

const run = async (args: readonly string[], endpoint: string) =>
  await runCommand(["account", ...args], endpoint);

const parameter = (name: string, value: string) => ({
  Name: `/agent-availability/blue/${name}`,
  Value: value,
});

/**
 * A stage called `blue` with these signing keys. Returns its responses, the stored secrets and the audit
 * entries.
 */
function aStage(ingestUrl: string, keys: Readonly<Record<string, readonly string[]>> = {}) {
  const stored: unknown[] = [];
  const lines: Record<string, unknown>[] = [];
  const calls: Responses = {
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
    PutLogEvents: (input) => {
      const { logEvents } = input as { logEvents: { message: string }[] };
      for (const { message } of logEvents) {
        lines.push(JSON.parse(message) as Record<string, unknown>);
      }
      return {};
    },
  };
  return { calls, stored, lines };
}

const blue = (...args: readonly string[]) => [...args, "--stage", "blue"];

describe("a stage that cannot be read", () => {
  it("is reported in one line, with exit code 1, if a request is denied", async () => {
    const { out, err, code } = await withServices({}, (endpoint) => run(["add", "1"], endpoint));

    expect({ out, err, code }).toEqual({
      out: "",
      err: "the AWS request failed: AccessDeniedException: no GetParametersByPath for you. Check the credentials, the region, and AWS_ENDPOINT_URL if it is set.\n",
      code: 1,
    });
  });

  it("is reported in one line, with exit code 1, if it is not deployed", async () => {
    const none: Responses = { GetParametersByPath: () => ({ Parameters: [] }) };

    const { err, code } = await withServices(none, (endpoint) => run(["add", "1"], endpoint));

    expect(code).toBe(1);
    expect(err).toBe(
      'stage "dev" is not deployed in eu-central-1: no parameters under /agent-availability/dev/. Deploy it, or select another stage with --stage.\n',
    );
  });
});

describe("adding an account", () => {
  it("prints the relay's settings, and the stored key once", async () => {
    const { calls, stored } = aStage("https://abc.execute-api.eu-central-1.amazonaws.com", {
      _ping: [PING_KEY],
    });

    const { out, err, code } = await withServices(calls, (endpoint) =>
      run(["add", "11010177632", "--stage", "blue"], endpoint),
    );

    const [key = ""] = /whsec_\S+/.exec(out) ?? [];
    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(stored).toMatchObject([
      {
        SecretId: "arn:keys",
        SecretString: aSecretText({ _ping: [PING_KEY], "11010177632": [key] }),
      },
    ]);
    expect(out).toBe(`Created a signing key for account 11010177632 (stage blue).

Paste these values into the relay's settings in Freshdesk (Admin > Apps > Manage Apps > the relay > Settings):

  Hub host          abc.execute-api.eu-central-1.amazonaws.com
  Path              /v1/accounts/11010177632/availability-events
  Signing key       ${key}

Host and path form the URL https://abc.execute-api.eu-central-1.amazonaws.com/v1/accounts/11010177632/availability-events

The key is not shown again. The hub accepts it within 30 seconds.
`);
  });

  it.each([
    ["add", {}],
    ["rotate", { "1": ["whsec_old"] }],
  ])("prints the key of %s even if the final audit entry cannot be written", async (verb, keys) => {
    const { calls, stored } = aStage("https://one", keys);
    let writes = 0;
    const forgetful: Responses = {
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
    expect(err).toContain(
      "The operation succeeded, but its outcome could not be written to the audit log operators",
    );
    expect(code).toBe(0);
  });

  it("prints the result as JSON, with the port and path of the ingest URL", async () => {
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
      customStatuses: true,
      signingKey: expect.stringMatching(/^whsec_/),
    });
  });
});

describe("the audit log", () => {
  it.each([
    [["add", "2"], "account add"],
    [["rotate", "1"], "account rotate"],
    [["retire", "22", "--yes"], "account retire"],
    [["remove", "22", "--yes"], "account remove"],
  ])(
    "has an entry before %j and one after it, with the caller and without a key",
    async (args, action) => {
      const keys = { "1": ["whsec_old"], "22": ["whsec_new", "whsec_old"] };
      const { calls, lines } = aStage("https://one", keys);

      const { code } = await withServices(calls, (endpoint) => run(blue(...args), endpoint));

      const at = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\S+Z$/);
      const id = lines[0]?.["id"];
      const line = { id, at, by: CALLER, stage: "blue", action, accountId: args[1] };
      expect(code).toBe(0);
      expect(lines).toEqual([
        { ...line, outcome: "started" },
        { ...line, outcome: "done" },
      ]);
      expect(JSON.stringify(lines)).not.toContain("whsec_");
    },
  );

  it("contains failures", async () => {
    const { calls, lines } = aStage("https://one", { "1": ["whsec_a"] });

    const { code } = await withServices(calls, (endpoint) => run(blue("add", "1"), endpoint));

    expect(code).toBe(1);
    expect(lines.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["started", undefined],
      ["failed", "CommandError"],
    ]);
  });

  it("is written first: if that fails, nothing is changed", async () => {
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
  it("stores a new key before the old one, and prints the next steps", async () => {
    const { calls, stored } = aStage("https://api.example.com", {
      "1": ["whsec_old"],
      _ping: [PING_KEY],
    });

    const { out, code } = await withServices(calls, (endpoint) =>
      run(blue("rotate", "1"), endpoint),
    );

    const [key = ""] = /whsec_\S+/.exec(out) ?? [];
    expect(code).toBe(0);
    expect(stored).toMatchObject([
      { SecretString: aSecretText({ "1": [key, "whsec_old"], _ping: [PING_KEY] }) },
    ]);
    expect(out)
      .toBe(`Created a second signing key for account 1 (stage blue). The older key keeps working.

Wait 30 seconds until the hub accepts the new key.
Paste these values into the relay's settings in Freshdesk (Admin > Apps > Manage Apps > the relay > Settings):

  Hub host          api.example.com
  Path              /v1/accounts/1/availability-events
  Signing key       ${key}

Host and path form the URL https://api.example.com/v1/accounts/1/availability-events

The key is not shown again.
When the relay uses the new key, retire the older one: npx agent-availability account retire 1 --stage blue
`);
  });
});

describe("replacing the newest key", () => {
  it("stores another key in its place, prints the next steps, and is audited", async () => {
    const { calls, stored, lines } = aStage("https://api.example.com", {
      "1": ["whsec_lost", "whsec_used"],
      _ping: [PING_KEY],
    });

    const { out, code } = await withServices(calls, (endpoint) =>
      run(blue("rotate", "1", "--replace-newest", "--yes"), endpoint),
    );

    const [key = ""] = /whsec_\S+/.exec(out) ?? [];
    expect(code).toBe(0);
    expect(stored).toMatchObject([
      { SecretString: aSecretText({ "1": [key, "whsec_used"], _ping: [PING_KEY] }) },
    ]);
    expect(out).toMatch(
      /^Replaced the newer signing key of account 1 \(stage blue\)\. The older key keeps working\.\n\nWait 30 seconds/,
    );
    expect(out).toMatch(
      /retire the older one: npx agent-availability account retire 1 --stage blue\n$/,
    );
    const action = { action: "account rotate", accountId: "1", replaced: "newest key" };
    expect(lines).toMatchObject([
      { ...action, outcome: "started" },
      { ...action, outcome: "done" },
    ]);
  });

  it("prints the same JSON as rotate", async () => {
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
});

describe("removing a key", () => {
  it.each([
    ["retire", []],
    ["rotate", ["--replace-newest"]],
  ])("by %s applies to the keys that existed before the confirmation", async (verb, options) => {
    const { calls, stored } = aStage("https://one");
    const held = [
      ["whsec_new", "whsec_used"],
      ["whsec_theirs", "whsec_new"],
    ];
    const changing: Responses = {
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
      "the signing keys of account 1 have just been changed by another operator. Nothing was changed. Check the audit log, then try again.\n",
    );
    expect(stored).toEqual([]);
  });

  it.each([
    ["retire", []],
    ["rotate", ["--replace-newest"]],
  ])("by %s reads the keys before the confirmation", async (verb, options) => {
    const { calls, lines } = aStage("https://one", {});

    const { err, code } = await withServices(calls, (endpoint) =>
      run(blue(verb, "1", ...options), endpoint),
    );

    expect(code).toBe(1);
    expect(err).toMatch(/^account 1 has no signing key \(stage blue\)\./);
    expect(lines).toEqual([]);
  });
});

it("prints what to do about two keys", async () => {
  const { calls, stored } = aStage("https://one", { "1": ["whsec_new", "whsec_old"] });

  const { err, code } = await withServices(calls, (endpoint) => run(blue("rotate", "1"), endpoint));

  expect(code).toBe(1);
  expect(err).toContain("npx agent-availability account retire 1 --stage blue");
  expect(err).toContain("npx agent-availability account rotate 1 --replace-newest --stage blue");
  expect(stored).toEqual([]);
});

it("prints how to forget the agents of a removed account", async () => {
  const { calls } = aStage("https://one", { "1": ["whsec_a"] });

  const { out } = await withServices(calls, (endpoint) =>
    run(blue("remove", "1", "--yes"), endpoint),
  );

  expect(out).toContain("To forget one: npx agent-availability agent forget 1 AGENT --stage blue");
});

describe("a destructive command", () => {
  it.each([
    [
      ["rotate", "--replace-newest"],
      "This replaces the newer signing key of account 1 (stage blue). A relay that already uses that key parks its events until it has the new key. The older key keeps working.",
    ],
    [
      ["retire"],
      "This removes the older signing key of account 1 (stage blue). Requests signed with it will be rejected.",
    ],
    [
      ["remove"],
      "This removes all signing keys of account 1 (stage blue). Events of the account will be rejected.",
    ],
  ])(
    "changes nothing without a terminal and without --yes: %j",
    async ([verb = "", ...flags], consequence) => {
      const { calls, stored, lines } = aStage("https://one", { "1": ["whsec_new", "whsec_old"] });

      const { out, err, code } = await withServices(calls, (endpoint) =>
        run(blue(verb, "1", ...flags), endpoint),
      );

      expect({ out, err, code }).toEqual({
        out: "",
        err: `${consequence} Nothing was changed. Cannot ask for confirmation: stdin is not a terminal. Pass --yes to confirm.\n`,
        code: 1,
      });
      expect([...stored, ...lines]).toEqual([]);
    },
  );

  it.each([
    ["retire", '{"stage":"blue","accountId":"1","keys":1}', '{"1":{"keys":["whsec_new"]}}'],
    ["remove", '{"stage":"blue","accountId":"1","keys":0}', "{}"],
  ])("runs with --yes: %s", async (verb, printed, kept) => {
    const { calls, stored } = aStage("https://one", { "1": ["whsec_new", "whsec_old"] });

    const { out, err, code } = await withServices(calls, (endpoint) =>
      run(blue(verb, "1", "--yes", "--json"), endpoint),
    );

    expect({ out, err, code }).toEqual({ out: `${printed}\n`, err: "", code: 0 });
    expect(stored).toMatchObject([{ SecretString: kept }]);
  });
});

describe("listing", () => {
  it("prints the accounts, without their keys, and which one has two", async () => {
    const { calls } = aStage("https://one", { "7": ["whsec_a", "whsec_b"], "8": ["whsec_c"] });

    const text = await withServices(calls, (endpoint) => run(blue("list"), endpoint));
    const json = await withServices(calls, (endpoint) => run(blue("list", "--json"), endpoint));

    expect(text).toEqual({
      out: "2 accounts (stage blue)\n  7  two keys: the older one is not retired\n  8\n",
      err: "",
      code: 0,
    });
    expect(JSON.parse(json.out)).toEqual({
      stage: "blue",
      accounts: [
        { accountId: "7", keys: 2, customStatuses: true },
        { accountId: "8", keys: 1, customStatuses: true },
      ],
    });
  });
});
