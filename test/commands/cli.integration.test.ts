import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { binFolder, root } from "../../tools/run/paths.ts";
import { UNREACHABLE_ENDPOINT, runCommand } from "./run-command.ts";

const commands = [
  ["account"],
  ["account", "add"],
  ["account", "connect"],
  ["account", "disconnect"],
  ["account", "rotate"],
  ["account", "retire"],
  ["account", "remove"],
  ["account", "list"],
  ["agent"],
  ["agent", "show"],
  ["agent", "list"],
  ["agent", "forget"],
  ["cost"],
  ["reconcile"],
  ["redrive"],
  ["replay"],
  ["restore"],
];

describe("npx agent-availability", () => {
  it.each([[[]], ...commands.map((command) => [command])])(
    "explains %j with --help",
    async (command) => {
      const { out, err, code } = await runCommand([...command, "--help"]);

      expect({ err, code }).toEqual({ err: "", code: 0 });
      expect(out).toMatch(new RegExp(`^Usage: ${["agent-availability", ...command].join(" ")} `));
      expect(out).toMatch(/--stage <name> +the deployed stage \(default: "dev"\)/);
      expect(out).toMatch(/--json +print the result as JSON/);
    },
  );

  // For the other commands, a missing required option is reported first.
  const withRequiredOption = new Set(["cost", "replay", "account connect"]);
  it.each(commands.filter((command) => !withRequiredOption.has(command.join(" "))))(
    "rejects an unknown option of %j",
    async (...command) => {
      const { out, err, code } = await runCommand([...command, "--color"]);

      expect({ out, code }).toEqual({ out: "", code: 1 });
      expect(err).toMatch(/^unknown option '--color'/);
    },
  );

  it("prints its help and fails without a command", async () => {
    const { out, err, code } = await runCommand([]);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toMatch(/^Usage: agent-availability /);
  });

  it("accepts the global options before and after the command", async () => {
    const before = await runCommand(["--stage", "blue", "account", "list"]);
    const after = await runCommand(["account", "list", "--stage", "blue"]);

    expect(before.err).toMatch(/^the AWS request failed: /);
    expect(after).toEqual(before);
  });
});

describe("wrong arguments are rejected before the first request", () => {
  it.each([
    [["frobnicate"], "unknown command 'frobnicate'"],
    [["account", "delete", "1"], "unknown command 'delete'"],
    [["account", "add"], "either an account ID or --domain is required, but not both"],
    [["account", "connect", "1"], "required option '--domain <domain>' not specified"],
    [["reconcile"], "missing required argument 'id'"],
    [["account", "add", "1", "2"], "too many arguments for 'add'"],
    [["account", "add", "1", "--stage"], "option '--stage <name>' argument missing"],
    [["account", "add", "1", "--replace-newest"], "unknown option '--replace-newest'"],
    [["account", "add", "acme.freshdesk.com"], "account ID must be the number"],
    [["account", "retire", "_ping", "--yes"], "account ID must be the number"],
    [["account", "list", "1"], "too many arguments for 'list'"],
    [["agent", "show", "1"], "missing required argument 'agent'"],
    [["agent", "show", "1", "2", "--limit", "5"], "unknown option '--limit'"],
    [["agent", "show", "1", "2", "--exact"], "unknown option '--exact'"],
    [["agent", "list", "1", "--limit", "x"], "option '--limit <number>' argument 'x' is invalid."],
    [["agent", "forget", "1", "2", "--channel", "freshchat"], "unknown option '--channel'"],
    [["agent", "forget", "1", "", "--yes"], 'argument 4, after "1", must not be empty.'],
    [[""], "argument 1 must not be empty. Check whether a variable is unset."],
    [["agent", "list", "1", "--channel="], "--channel must not be empty. Check whether a variable"],
    [["account", "list", "--stage", ""], "the argument after --stage must not be empty. Check"],
    [["--stage=dev", "", "list"], 'argument 2, after "--stage=dev", must not be empty.'],
    [["replay", "--last", "2h"], "required option '--rule <name>' not specified"],
    [["restore", "--roll-back", "--yes"], "--roll-back cannot be used without --from"],
    [["restore", "--rate", "0"], "option '--rate <number>' argument '0' is invalid."],
    [["restore", "--epoch", "1.5"], "option '--epoch <epoch>' argument '1.5' is invalid."],
    [["restore", "--epoch", "yesterday"], "option '--epoch <epoch>' argument 'yesterday' is"],
    [["cost"], "required option '--agents <number>' not specified"],
  ])("%j", async (argv, message) => {
    const { out, err, code } = await runCommand(argv);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err.startsWith(message)).toBe(true);
  });
});

describe("a failed AWS request", () => {
  it("is one line, with exit code 1", async () => {
    expect(await runCommand(["account", "list"])).toEqual({
      out: "",
      err: expect.stringMatching(
        /^the AWS request failed: .*ECONNREFUSED 127\.0\.0\.1:9\. Check the credentials, the region, and AWS_ENDPOINT_URL if it is set\.\n$/,
      ),
      code: 1,
    });
  });
});

describe("bin/cli.mjs", () => {
  it("is the package's agent-availability command", () => {
    const manifest: unknown = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
    );

    expect(manifest).toMatchObject({ bin: { "agent-availability": "bin/cli.mjs" } });
  });

  it.each([
    ["the pinned Node", `${binFolder}/node`],
    // Another path of the same program: as with another Node, it must start the pinned one.
    ["another Node", process.execPath],
  ])("runs a command with %s, and exits with its exit code", (_title, node) => {
    const { stdout, stderr, status } = spawnSync(
      node,
      ["bin/cli.mjs", "account", "add", "acme.freshdesk.com"],
      {
        cwd: root,
        encoding: "utf8",
        env: { ...process.env, AWS_ENDPOINT_URL: UNREACHABLE_ENDPOINT },
      },
    );

    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    expect(stderr).toMatch(/^account ID must be the number/);
  });
});
